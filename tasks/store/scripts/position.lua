-- A task's place in line. ARGV: task_id, kind. Answer: the place from 1, or false when it does not wait.
local f = call('HMGET', K('task', ARGV[1]), 'owner', 'group')
return f[1] and place_of(ARGV[1], ARGV[2], f[1], f[2] or '') or false
