-- Accept tasks of one owner, all or none. A repeated task id or idempotency key changes nothing.
-- ARGV: owner, idempotency key or '', digest, then for each task eight:
--   task_id, kind, document_id, section_id, conversation_id, priority, characters that no other call
--   shares, input ('' for no id)
-- Answer: {'new' | 'replayed' | 'mismatch' | 'gone', task ids, positions, recorded answer}
local owner, idempotency_key, digest = ARGV[1], ARGV[2], ARGV[3]
local answered = K('idempotency', owner, idempotency_key)
if idempotency_key ~= '' then
  local known = call('HMGET', answered, 'digest', 'task_ids', 'positions', 'answer')
  if known[1] and known[1] ~= digest then return { 'mismatch' } end
  if known[2] then return { 'replayed', known[2], known[3], known[4] } end
end

-- A task of a document that was deleted meanwhile would have nobody to delete it.
for i = 4, #ARGV, 8 do
  if ARGV[i + 2] ~= '' and call('EXISTS', K('document', ARGV[i + 2])) == 0 then return { 'gone' } end
end

local function set_of(values)
  local set = {}
  for name, value in pairs(values) do
    if value ~= '' then
      set[#set + 1] = name
      set[#set + 1] = value
    end
  end
  return set
end

local function link(id, order, document, conversation)
  call('ZADD', K('owner_tasks', owner), order, id)
  call('PEXPIRE', K('owner_tasks', owner), LIMIT.retention_ms)
  if document ~= '' then
    call('ZADD', K('document_tasks', document), order, id)
    call('PUBLISH', K('document_channel', document), id)
    for _, name in ipairs({ 'document', 'document_tasks', 'document_findings', 'document_found_by' }) do
      call('PEXPIRE', K(name, document), LIMIT.retention_ms)
    end
  end
  if conversation == '' then return end
  local key = K('conversation', conversation)
  if call('HSETNX', key, 'owner', owner) == 1 then
    call('HSET', key, 'document_id', document, 'created_at', whole(NOW))
    if document ~= '' then
      call('ZADD', K('document_conversations', document), order, conversation)
      call('PEXPIRE', K('document_conversations', document), LIMIT.retention_ms)
    end
  end
  call('RPUSH', K('conversation_turns', conversation), id)
  call('PEXPIRE', key, LIMIT.retention_ms)
  call('PEXPIRE', K('conversation_turns', conversation), LIMIT.retention_ms)
end

local ids, positions, wakes = {}, {}, false
for i = 4, #ARGV, 8 do
  local id, kind, document, conversation = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 4]
  if call('EXISTS', K('task', id)) == 0 then
    local order = whole(call('INCR', K('order')))
    call('HSET', K('task', id), unpack(set_of({
      task_id = id, kind = kind, owner = owner, document_id = document, section_id = ARGV[i + 3],
      conversation_id = conversation, priority = ARGV[i + 5], input_chars = ARGV[i + 6], order = order,
      created_at = whole(NOW), epoch = EPOCH, epoch_from = '1', attempt = '0',
    })))
    call('SET', K('input', id), ARGV[i + 7])
    wakes = wakes or call('EXISTS', K('line', kind, owner)) == 0
    append_event(id, 'task_queued', queued_data(id, 'submitted'), { 'state', 'PENDING', 'reason', 'submitted' }, {})
    stand_in_line(id, kind, owner)
    link(id, order, document, conversation)
  end
  ids[#ids + 1] = id
  positions[#positions + 1] = whole(place_of(id, kind, owner) or 0)
end
if idempotency_key ~= '' then
  call('HSET', answered, 'digest', digest, 'task_ids', table.concat(ids, ','), 'positions', table.concat(positions, ','))
  call('PEXPIRE', answered, LIMIT.idempotency_ms)
end
-- A task behind others enables nothing that the heads did not: only a line that was empty wakes.
if wakes then wake() end
return { 'new', table.concat(ids, ','), table.concat(positions, ',') }
