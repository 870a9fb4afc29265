-- Free a lease's slot and its call, once; say that a call succeeded.
-- ARGV: task_id, token, model that succeeded or '', weighted tokens that it really used or ''.
local id = ARGV[1]
if call('HGET', K('task', id), 'token') == ARGV[2] then
  if ARGV[4] ~= '' then settle(id, tonumber(ARGV[4])) end
  set_free(id)
end
if ARGV[3] ~= '' then
  call('HSET', K('success'), ARGV[3], whole(NOW))
  local b = load_bucket('requests:' .. ARGV[3])
  b.probing, b.known, b.reason = false, true, nil
  refill(b)
  save_bucket(b)
end
return 1
