-- A failed task goes on as another one: it leaves the dead letters. The first one stays on record,
-- because a repeated request is answered with it.
-- ARGV: task_id, task_id that it goes on as. Answer: 1
if call('EXISTS', K('task', ARGV[1])) == 1 then call('HSETNX', K('task', ARGV[1]), 'sent_again_as', ARGV[2]) end
call('ZREM', K('dead'), ARGV[1])
return 1
