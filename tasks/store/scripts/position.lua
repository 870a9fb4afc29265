-- A task's place in line. ARGV: task_id, kind. Answer: the place from 1, or false when it does not wait.
local owner = call('HGET', K('task', ARGV[1]), 'owner')
return owner and place_of(ARGV[1], ARGV[2], owner) or false
