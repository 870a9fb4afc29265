-- Prolong a lease. ARGV: task_id, attempt, token. Answer: 1, or 0 when it is no longer this worker's.
if not holds(ARGV[1], ARGV[2], ARGV[3]) then return 0 end
local claimed = K('claimed', call('HGET', K('task', ARGV[1]), 'kind'))
if not call('ZSCORE', claimed, ARGV[1]) then return 0 end
call('ZADD', claimed, NOW + LIMIT.lease_ms, ARGV[1])
return 1
