-- Cancel a task that has no document and remove everything of it. ARGV: task_id, owner. Answer: 1 or 0.
local id, owner = ARGV[1], ARGV[2]
local f = call('HMGET', K('task', id), 'owner', 'document_id', 'conversation_id')
if f[1] ~= owner or (f[2] or '') ~= '' then return 0 end
remove_task(id, owner)
local conversation = f[3] or ''
if conversation ~= '' then call('DEL', K('conversation', conversation), K('conversation_turns', conversation)) end
return 1
