-- Take an admitted attempt. The same token gets the same answer, anything late gets none.
-- ARGV: task_id, attempt, token, worker_id.
-- Answer: {task hash, text, findings, input, owner, failures, ms run in tries, engine
--   asked for, model to call}, or false.
local id, attempt, token, worker = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local meta = K('task', id)
if refusal(id, attempt) then return false end

-- One poison task must not take innocent suspects down with it, so no two share a process.
local function runs_a_suspect()
  for _, other in ipairs(call('SMEMBERS', K('worker_tasks', worker))) do
    if call('HGET', K('task', other), 'suspect') == '1' then return true end
  end
  return false
end

local f = call('HMGET', meta, 'token', 'kind', 'suspect', 'owner')
if f[1] ~= token then
  if not call('ZSCORE', K('reserved', f[2]), id) then return false end
  if f[3] == '1' and runs_a_suspect() then
    refund(id, f[2])
    -- not at once: while every process runs a suspect it would be admitted again and again
    local retry_at = whole(NOW + LIMIT.tick_ms)
    append_event(id, 'task_retrying', '{"reason":"placed_elsewhere","retry_at":' .. retry_at .. ',"tries":0}',
      { 'state', 'RETRY', 'reason', 'placed_elsewhere', 'retry_at', retry_at, 'tries', '0' }, { 'step' })
    call('ZADD', K('parked', f[2]), retry_at, id)
    wake()
    return false
  end
  call('ZREM', K('reserved', f[2]), id)
  call('ZADD', K('claimed', f[2]), NOW + LIMIT.lease_ms, id)
  call('SADD', K('worker_tasks', worker), id)
  call('HSET', meta, 'token', token, 'writer', token, 'writer_epoch', EPOCH, 'producer', '0', 'worker', worker,
    'claimed_at', whole(NOW))
end
return {
  call('HGETALL', meta), call('GET', K('text', id)) or '', call('LRANGE', K('task_findings', id), 0, -1),
  call('GET', K('input', id)) or '{}', f[4], call('HGET', meta, 'failures') or '0',
  call('HGET', meta, 'ran_ms') or '0',
  call('HGET', meta, 'asked_engine'), call('HGET', meta, 'call_model'),
}
