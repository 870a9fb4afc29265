-- Cancel a document's tasks and remove everything of it. ARGV: document_id, owner. Answer: 1 or 0.
local document, owner = ARGV[1], ARGV[2]
if call('DEL', K('document', document)) == 0 then return 0 end
for _, id in ipairs(call('ZRANGE', K('document_tasks', document), 0, -1)) do
  cancel_task(id)
  local f = call('HMGET', K('task', id), 'kind', 'worker', 'seq')
  if f[1] then
    drop_lease(id, f[1], f[2])
    call('DEL', K('task', id), K('log', id), K('text', id), K('task_findings', id), K('input', id))
    call('ZREM', K('dead'), id)
    call('ZREM', K('owner_tasks', owner), id)
    call('PUBLISH', K('task_channel', id), EPOCH .. ':' .. whole(tonumber(f[3]) + 1) .. ':')
  end
end
for _, conversation in ipairs(call('ZRANGE', K('document_conversations', document), 0, -1)) do
  call('DEL', K('conversation', conversation), K('conversation_turns', conversation))
end
call('DEL', K('document_findings', document), K('document_found_by', document), K('document_tasks', document),
  K('document_conversations', document))
call('ZREM', K('owner_documents', owner), document)
return 1
