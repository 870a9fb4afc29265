-- Number an event, log it, fold it, publish it.
-- ARGV: task_id, token, producer, type, data, text mode ('' none, 'add', 'clear', 'replace'), text,
--   finding_id, finding, number of set fields, number of stamped fields, number of replaced findings,
--   then the fields and values to set, the fields that take the event's time, the fields to clear
--   in one list behind them up to the replaced findings.
-- Answer: {outcome, epoch, seq, 1 when the writer has to say `task_restored`}
local id, token, producer = ARGV[1], ARGV[2], tonumber(ARGV[3])
local meta = K('task', id)
local known = call('HMGET', meta, 'epoch', 'seq', 'writer', 'producer', 'producer_seq', 'document_id', 'state',
  'writer_epoch', 'cost_usd')
-- Until the writer has said `task_restored` in this generation, what a restore lost is still missing.
local restore = known[8] ~= EPOCH and ARGV[4] ~= 'task_restored'
if known[3] == token and known[4] and producer <= tonumber(known[4]) then
  return { 'appended', known[1], known[5], restore and 1 or 0 }
end
local refused = refusal_of(known[7], known[3], token)
if refused then return { refused } end
-- Nothing may follow an end, so what a restore lost has to be made good before it.
if restore and (ARGV[4] == 'task_succeeded' or ARGV[4] == 'task_failed') then return { 'restore_first' } end

local sets, stamps, dels, findings = {}, tonumber(ARGV[11]), {}, tonumber(ARGV[12])
local at = 12
for i = 1, 2 * tonumber(ARGV[10]) do sets[i] = ARGV[at + i] end
at = at + #sets
for i = 1, stamps do
  sets[#sets + 1] = ARGV[at + i]
  sets[#sets + 1] = whole(NOW)
end
at = at + stamps
for i = at + 1, #ARGV - findings do dels[#dels + 1] = ARGV[i] end

if ARGV[6] == 'clear' or ARGV[6] == 'replace' then call('DEL', K('text', id)) end
if ARGV[7] ~= '' then call('APPEND', K('text', id), ARGV[7]) end
if ARGV[6] == 'replace' then call('DEL', K('task_findings', id)) end
for i = #ARGV - findings + 1, #ARGV do
  add_found(id, known[6], cjson.decode(ARGV[i]).finding_id, ARGV[i])
end
if ARGV[8] ~= '' then add_found(id, known[6], ARGV[8], ARGV[9]) end

-- A repeat was answered above, so what has become of the cost since is paid once.
for i = 1, #sets, 2 do
  if sets[i] == 'cost_usd' then
    spend_money(id, math.floor((tonumber(sets[i + 1]) - (tonumber(known[9]) or 0)) * 1e9 + 0.5))
  end
end

local n = #sets
sets[n + 1], sets[n + 2] = 'producer', ARGV[3]
sets[n + 3], sets[n + 4] = 'producer_seq', whole(tonumber(known[2]) + 1)
if ARGV[4] == 'task_restored' then sets[n + 5], sets[n + 6] = 'writer_epoch', EPOCH end
local seq = append_event(id, ARGV[4], ARGV[5], sets, dels, known)
if ARGV[4] == 'usage_reported' then note_cached(id) end
return { 'appended', EPOCH, seq, restore and 1 or 0 }
