-- Back to the head of its line at no cost. ARGV: task_id, attempt, token, reason. Answer: 1 or 0.
local id = ARGV[1]
if not holds(id, ARGV[2], ARGV[3]) then return 0 end
local f = call('HMGET', K('task', id), 'kind', 'worker')
settle(id, 0, 0)
drop_lease(id, f[1], f[2])
queue_again(id, ARGV[4])
return 1
