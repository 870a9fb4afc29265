-- Number an event, log it, fold it, publish it.
-- ARGV: task_id, token, producer, type, data, text to add, and what else the event changes as JSON; see `Changes`
--   in redis_codec.py. Both last ones are '' for none: most events are a piece of an answer.
-- Answer: 'appended <epoch> <seq> <1 when the writer has to say `task_restored`, else 0>', or why not
local id, token, type, changes = ARGV[1], ARGV[2], ARGV[4], ARGV[7]
local known = call('HMGET', K('task', id), 'epoch', 'seq', 'state', 'writer', 'writer_epoch', 'producer', 'producer_seq')
-- Until the writer has said `task_restored` in this generation, what a restore lost is still missing.
local restore = known[5] ~= EPOCH and type ~= 'task_restored'
local epoch, seq = known[1], known[7]
if known[4] ~= token or tonumber(ARGV[3]) > tonumber(known[6]) then
  local refused = refusal_of(known[3], known[4], token)
  if refused then return refused end
  -- Nothing may follow an end, so what a restore lost has to be made good before it.
  if restore and (type == 'task_succeeded' or type == 'task_failed') then return 'restore_first' end

  local set, clear = {}, {}
  if changes ~= '' then set, clear = carry_out(id, cjson.decode(changes)) end
  if ARGV[6] ~= '' then call('APPEND', K('text', id), ARGV[6]) end
  local n = #set
  set[n + 1], set[n + 2], set[n + 3], set[n + 4] = 'producer', ARGV[3], 'producer_seq', whole(known[2] + 1)
  if type == 'task_restored' then set[n + 5], set[n + 6] = 'writer_epoch', EPOCH end
  epoch, seq = EPOCH, append_event(id, type, ARGV[5], set, clear, known)
  if type == 'usage_reported' then note_cached(id) end
end
return 'appended ' .. epoch .. ' ' .. seq .. (restore and ' 1' or ' 0')
