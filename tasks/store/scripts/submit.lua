-- Accept tasks of one owner, all or none. A repeated task id or idempotency key changes nothing.
-- ARGV: owner, idempotency key or '', digest, group or '', weight or '' for 1, then for each task thirteen:
--   task_id, kind, document_id, section_id, conversation_id, priority, characters that no other call
--   shares, characters that all reviews of its document share, engine asked for, identity, 1 when an
--   earlier answer may stand for its, JSON of the events that answer it at once, input; '' for none
-- Answer: {'new' | 'replayed' | 'mismatch' | 'gone', task ids, positions, recorded answer},
--   or {'cost_limit', 'owner' | 'all', the level as JSON, now},
--   or {'known', for each task the one that answered the same before, or ''}: ask again with its events
local EACH = 13
local owner, idempotency_key, digest, group, weight = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local answered = K('idempotency', owner, idempotency_key)
if idempotency_key ~= '' then
  local known = call('HMGET', answered, 'digest', 'task_ids', 'positions', 'answer')
  if known[1] and known[1] ~= digest then return { 'mismatch' } end
  if known[2] then return { 'replayed', known[2], known[3], known[4] } end
end

-- A task of a document that was deleted meanwhile would have nobody to delete it.
for i = 6, #ARGV, EACH do
  if ARGV[i + 2] ~= '' and call('EXISTS', K('document', ARGV[i + 2])) == 0 then return { 'gone' } end
end

local terms, known, any_known = caps(), {}, false
for i = 6, #ARGV, EACH do
  local source = ARGV[i + 10] == '1' and call('GET', K('known', owner, ARGV[i + 9]))
  local same = source and call('HGET', K('task', source), 'model') == terms.model
  known[#known + 1] = same and source or ''
  any_known = any_known or same
end
if any_known then return { 'known', table.concat(known, ',') } end

-- What each task is expected to cost, and whether all of it fits into what is left of the day.
local first_of, nanos_of, all_nanos = {}, {}, 0
if terms.input and (terms.limit or terms.owner_limit) then
  for i = 6, #ARGV, EACH do
    if ARGV[i + 8] == '' and ARGV[i + 11] == '' and call('EXISTS', K('task', ARGV[i])) == 0 then
      local document, shared = ARGV[i + 2], tonumber(ARGV[i + 7]) * LIMIT.tokens_per_char
      local own, output = need_of(ARGV[i + 1], ARGV[i + 6], terms.model)
      local of_shared = first_of[document] and terms.cache_read or terms.cache_write
      if shared < terms.least_cached_tokens then of_shared = terms.input end
      first_of[document] = true
      nanos_of[i] = math.floor((own * terms.input + output * terms.output + shared * of_shared) * 1000 + 0.5)
      all_nanos = all_nanos + nanos_of[i]
    end
  end
end
local function refusal_for_money(scope, name, limit)
  if not limit or all_nanos == 0 then return nil end
  local spent, held = money_of(name)
  if spent + held + all_nanos <= limit * 1e9 then return nil end
  return { 'cost_limit', scope, cjson.encode(cost_level(name, limit)), whole(NOW) }
end
local refused = refusal_for_money('owner', 'of:' .. owner, terms.owner_limit) or refusal_for_money('all', 'all', terms.limit)
if refused then return refused end

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

-- End a task with what an earlier one was answered; its first event is there.
local function answer_at_once(id, events)
  local seq = '1'
  for _, event in ipairs(events) do
    local set, clear = carry_out(id, event.changes)
    seq = append_event(id, event.type, event.data, set, clear, { EPOCH, seq })
  end
end

local ids, positions, wakes = {}, {}, false
for i = 6, #ARGV, EACH do
  local id, kind, document, section, conversation = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4]
  if call('EXISTS', K('task', id)) == 0 then
    local order, priority, asked_engine, answer = whole(call('INCR', K('order'))), ARGV[i + 5], ARGV[i + 8], ARGV[i + 11]
    -- what every append asks for stands first: a small hash is searched from its beginning
    local set = {
      'epoch', EPOCH, 'seq', '', 'state', 'PENDING', 'writer', '', 'writer_epoch', '', 'producer', '', 'producer_seq', '',
      'task_id', id, 'kind', kind, 'owner', owner, 'order', order, 'priority', priority, 'created_at', whole(NOW),
      'epoch_from', '1', 'attempt', '0', 'reason', 'submitted', 'input_chars', ARGV[i + 6], 'shared_chars', ARGV[i + 7],
    }
    for name, value in pairs({
      group = group, weight = weight, document_id = document, section_id = section, conversation_id = conversation,
      asked_engine = asked_engine, identity = ARGV[i + 9],
    }) do
      if value ~= '' then
        set[#set + 1] = name
        set[#set + 1] = value
      end
    end
    append_event(id, 'task_queued', queued_data(kind, document, section, conversation, 'submitted'), set, {}, { EPOCH, 0 })
    call('SET', K('input', id), ARGV[i + 12])
    hold_money(id, owner, nanos_of[i] or 0)
    link(id, order, document, conversation)
    if answer ~= '' then
      answer_at_once(id, cjson.decode(answer))
    elseif stand_in_line(id, kind, owner, group, order, priority, asked_engine) then
      wakes = true
    end
  end
  ids[#ids + 1] = id
  positions[#positions + 1] = whole(place_of(id, kind, owner, group) or 0)
end
if idempotency_key ~= '' then
  call('HSET', answered, 'digest', digest, 'task_ids', table.concat(ids, ','), 'positions', table.concat(positions, ','))
  call('PEXPIRE', answered, LIMIT.idempotency_ms)
end
-- A task behind others enables nothing that the heads did not: only a line that was empty wakes.
if wakes then wake() end
return { 'new', table.concat(ids, ','), table.concat(positions, ',') }
