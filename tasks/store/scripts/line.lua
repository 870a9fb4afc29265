-- The beginnings of the lines of a kind, as far as the first tasks to be admitted need them.
-- ARGV: kind, count. Answer: for each owner, who goes next first: {score, 1 when that is the whole
--   line, task_id, cost, task_id, cost, …}
local kind, count = ARGV[1], tonumber(ARGV[2])
local account = account_of(live_cards())
local model = account and account.model or ''
local owners = call('ZRANGE', K('owners', kind), 0, count - 1, 'WITHSCORES')
local each, lines = math.ceil(4 * count / (#owners + 1)) + 1, {}
for i = 1, #owners, 2 do
  local ids = call('ZRANGE', K('line', kind, owners[i]), 0, each - 1)
  local line = { owners[i + 1], #ids < each and 1 or 0 }
  for _, id in ipairs(ids) do
    line[#line + 1] = id
    local _, _, cost = need_of(kind, call('HGET', K('task', id), 'input_chars'), model)
    line[#line + 1] = tostring(cost)
  end
  lines[#lines + 1] = line
end
return lines
