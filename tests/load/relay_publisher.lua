-- One event for each of some tasks: number, log and publish, as append does for one of them.
-- ARGV: first task, last task, seq, 'text' or 'binary' (how seq is written), channel, payload,
--   event ('' when nothing is numbered and logged). Templates: TASK and SEQ stand where they belong.
local TASK, SEQ = ARGV[8], ARGV[9]
local seq = ARGV[4] == 'binary' and struct.pack('>I4', tonumber(ARGV[3])) or ARGV[3]

local function template(text)
  local parts, tasks, at = {}, {}, 1
  while true do
    local t, s = text:find(TASK, at, true), text:find(SEQ, at, true)
    if not t and not s then break end
    local is_task = t and (not s or t < s)
    local found = is_task and t or s
    parts[#parts + 1] = text:sub(at, found - 1)
    parts[#parts + 1] = is_task and TASK or seq
    if is_task then tasks[#tasks + 1] = #parts end
    at = found + #(is_task and TASK or SEQ)
  end
  parts[#parts + 1] = text:sub(at)
  return function(id)
    for _, place in ipairs(tasks) do parts[place] = id end
    return table.concat(parts)
  end
end

local channel, payload, event = template(ARGV[5]), template(ARGV[6]), template(ARGV[7])
for i = tonumber(ARGV[1]), tonumber(ARGV[2]) do
  local id = string.format('t_%06d', i)
  if ARGV[7] ~= '' then
    redis.call('HSET', '{galley}:task:' .. id, 'seq', seq)
    redis.call('RPUSH', '{galley}:task:' .. id .. ':events', event(id))
    if ARGV[3] % 100 == 0 then redis.call('LTRIM', '{galley}:task:' .. id .. ':events', -2000, -1) end
  end
  redis.call('PUBLISH', channel(id), payload(id))
end
