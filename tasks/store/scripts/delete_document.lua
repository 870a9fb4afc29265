-- Cancel a document's tasks and remove everything of it. ARGV: document_id, owner. Answer: 1 or 0.
local document, owner = ARGV[1], ARGV[2]
if call('DEL', K('document', document)) == 0 then return 0 end
for _, id in ipairs(call('ZRANGE', K('document_tasks', document), 0, -1)) do
  remove_task(id, owner)
end
for _, conversation in ipairs(call('ZRANGE', K('document_conversations', document), 0, -1)) do
  call('DEL', K('conversation', conversation), K('conversation_turns', conversation))
end
call('DEL', K('document_findings', document), K('document_found_by', document), K('document_tasks', document),
  K('document_conversations', document))
call('ZREM', K('owner_documents', owner), document)
return 1
