-- One event for each of some tasks: number, log and publish, as append does for one of them.
-- ARGV: first task, last task, seq, 'text' or 'binary' (how seq is written), channel, payload,
--   event ('' when nothing is numbered and logged), and the holes in these where task and seq stand.
local TASK, SEQ = ARGV[8], ARGV[9]
local seq = ARGV[4] == 'binary' and struct.pack('>I4', tonumber(ARGV[3])) or ARGV[3]
local logs, trims = ARGV[7] ~= '', ARGV[3] % 100 == 0

local function split(text, hole)
  local parts, at = {}, 1
  for found in function() return text:find(hole, at, true) end do
    parts[#parts + 1] = text:sub(at, found - 1)
    at = found + #hole
  end
  parts[#parts + 1] = text:sub(at)
  return parts
end

-- All but the task is the same for all of them, so it is put together once.
local function template(text)
  local parts = split(table.concat(split(text, SEQ), seq), TASK)
  return function(id) return table.concat(parts, id) end
end

local channel, payload, event = template(ARGV[5]), template(ARGV[6]), template(ARGV[7])
for i = tonumber(ARGV[1]), tonumber(ARGV[2]) do
  local id = string.format('t_%06d', i)
  if logs then
    redis.call('HSET', '{galley}:task:' .. id, 'seq', seq)
    redis.call('RPUSH', '{galley}:task:' .. id .. ':events', event(id))
    if trims then redis.call('LTRIM', '{galley}:task:' .. id .. ':events', -2000, -1) end
  end
  redis.call('PUBLISH', channel(id), payload(id))
end
