-- Free a lease's slot and its call, once; settle what it took; say that a call succeeded.
-- ARGV: task_id, token, model that succeeded or '', input tokens and output tokens used, both '' when
--   nothing is known of them. Answer: 1
local id = ARGV[1]
local f = call('HMGET', K('task', id), 'token', 'kind', 'input_chars', 'call_model', 'held_shared')
if f[1] == ARGV[2] then
  if ARGV[4] ~= '' then
    local input, output = tonumber(ARGV[4]), tonumber(ARGV[5])
    learn_need(f[2], f[3], f[4] or '', input - (tonumber(f[5]) or 0), output)
    settle(id, input, output)
  end
  set_free(id)
  -- its worker ended it in data that a restore took back: somebody has to do it again
  if call('HGET', K('task', id), 'state') == 'PROGRESS' then queue_again(id, 'handed_back') end
end
if ARGV[3] ~= '' then
  call('HSET', K('success'), ARGV[3], whole(NOW))
  local b = load_bucket('requests:' .. ARGV[3])
  b.probing, b.known, b.reason, b.failures = false, true, nil, 0
  if b.window then
    b.window = b.window + 1 / b.window
    if b.window > LIMIT.wide_open then b.window = nil end
  end
  refill(b)
  save_bucket(b)
end
return 1
