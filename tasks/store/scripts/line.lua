-- The beginnings of the lines of a kind, as far as the first tasks to be admitted need them.
-- ARGV: kind, count. Answer: for each owner: {score at the top, group, score within it, 1 when that is the whole
--   line, task_id, cost, task_id, cost, …}, who goes next first at the top and within a group
local kind, count = ARGV[1], tonumber(ARGV[2])
local account = account_of(live_cards())
local model = account and account.model or ''
local lines = {}

-- How much of each line is needed, of so many that share the first `wanted` tasks.
local function part_of(wanted, lines)
  return math.ceil(4 * wanted / (lines + 1)) + 1
end

local function add_line(score, group, own_score, owner, most)
  local level = kind .. group
  local ids = call('ZRANGE', K('line', level, owner), 0, most - 1)
  local line = { score, group, own_score, #ids < most and 1 or 0 }
  for _, id in ipairs(ids) do
    local f = call('HMGET', K('task', id), 'input_chars', 'weight')
    local _, _, cost = need_of(kind, f[1], model)
    line[#line + 1] = id
    line[#line + 1] = tostring(cost / (tonumber(f[2]) or 1))
  end
  lines[#lines + 1] = line
end

local top = call('ZRANGE', K('owners', kind), 0, count - 1, 'WITHSCORES')
local most = part_of(count, #top)
for i = 1, #top, 2 do
  local member, score = top[i], top[i + 1]
  if is_group(member) then
    local level = kind .. member
    local within = call('ZRANGE', K('owners', level), 0, most - 1, 'WITHSCORES')
    for j = 1, #within, 2 do add_line(score, member, within[j + 1], within[j], part_of(most, #within)) end
  else
    add_line(score, '', '0', member, most)
  end
end
return lines
