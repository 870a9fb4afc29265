-- Free a lease's slot and its call, once; settle what it took; say that a call succeeded.
-- ARGV: task_id, token, model that succeeded or '', input tokens and output tokens used, both '' when
--   nothing is known of them. Answer: 1
local id = ARGV[1]
local f = call('HMGET', K('task', id), 'token', 'kind', 'input_chars', 'call_model', 'held_shared', 'claimed_at', 'state')
local slow, in_flight = false, ARGV[3] ~= '' and call('SCARD', K('calls', ARGV[3])) or 0
if f[1] == ARGV[2] then
  if ARGV[4] ~= '' then
    local input, output = tonumber(ARGV[4]), tonumber(ARGV[5])
    learn_need(f[2], f[3], f[4] or '', input - (tonumber(f[5]) or 0), output)
    settle(id, input, output)
    if f[7] == 'SUCCESS' then slow = note_run(f[2], f[4] or '', NOW - tonumber(f[6]), output) end
  end
  if ARGV[3] ~= '' then
    local known = tonumber(call('HGET', K('success'), ARGV[3])) or 0
    call('HSET', K('success'), ARGV[3], whole(math.max(known, tonumber(f[6]))))
  end
  set_free(id)
  -- its worker ended it in data that a restore took back: somebody has to do it again
  if call('HGET', K('task', id), 'state') == 'PROGRESS' then queue_again(id, 'handed_back') end
end
if ARGV[3] ~= '' then
  local b = load_bucket('requests:' .. ARGV[3])
  note_success(b, in_flight, slow)
  refill(b)
  save_buckets({ b })
end
return 1
