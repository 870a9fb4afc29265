-- Events: how one comes into being, and what an end brings with it.

local function end_task(id, kind, owner, group, state)
  leave_line(id, kind, owner, group)
  let_money_go(id, owner)
  if state == 'SUCCESS' then
    local f = call('HMGET', K('task', id), 'identity', 'model')
    if f[1] and f[2] then call('SET', K('known', owner, f[1]), id, 'PX', LIMIT.retention_ms) end
  end
  if state == 'FAILURE' then
    call('ZADD', K('dead'), NOW, id)
    count_up('failed')
  end
  call('PEXPIRE', K('log', id), LIMIT.log_kept_ms)
  call('PEXPIRE', K('task', id), LIMIT.retention_ms)
  call('PEXPIRE', K('text', id), LIMIT.retention_ms)
  call('PEXPIRE', K('task_findings', id), LIMIT.retention_ms)
  call('PEXPIRE', K('input', id), LIMIT.retention_ms)
end

-- Findings as pairs of id and JSON: the task's, and its document's where that is still there.
local function add_found(id, findings)
  if #findings == 0 then return end
  for _, found in ipairs(findings) do call('RPUSH', K('task_findings', id), found[2]) end
  local document = call('HGET', K('task', id), 'document_id')
  if not document or call('EXISTS', K('document', document)) == 0 then return end
  for _, found in ipairs(findings) do
    call('HSETNX', K('document_findings', document), found[1], found[2])
    call('HSET', K('document_found_by', document), found[1], id)
  end
  call('PEXPIRE', K('document_findings', document), LIMIT.retention_ms)
  call('PEXPIRE', K('document_found_by', document), LIMIT.retention_ms)
end

-- What an event changes beside the answer's text; see `Changes` in redis_codec.py. Never twice for one event: what
-- has become of the cost since the last one is paid here. Answer: the fields to set and to clear in the task's hash.
local function carry_out(id, changes)
  for _, name in ipairs(changes.anew) do call('DEL', K(name, id)) end
  add_found(id, changes.findings)
  local set = changes.set
  for i = 1, #set, 2 do
    if set[i] == 'cost_usd' then
      local paid = tonumber(call('HGET', K('task', id), 'cost_usd')) or 0
      spend_money(id, math.floor((tonumber(set[i + 1]) - paid) * 1e9 + 0.5))
    end
  end
  for _, name in ipairs(changes.stamps) do
    set[#set + 1] = name
    set[#set + 1] = whole(NOW)
  end
  return set, changes.clear
end

-- The one place where an event comes into being: number it, log it, fold it, publish it.
-- `set` is a flat list of snapshot fields, which may grow; `del` a list of fields to clear; `known`
-- the task's epoch and seq where the caller has read them.
local function append_event(id, type, data, set, del, known)
  local meta = K('task', id)
  known = known or call('HMGET', meta, 'epoch', 'seq')
  local seq = whole((tonumber(known[2]) or 0) + 1)
  local n = #set
  set[n + 1], set[n + 2] = 'seq', seq
  if known[1] ~= EPOCH then set[n + 3], set[n + 4], set[n + 5], set[n + 6] = 'epoch', EPOCH, 'epoch_from', seq end
  local event = '{"v":1,"task_id":"' .. id .. '","epoch":' .. EPOCH .. ',"seq":' .. seq .. ',"at":' .. whole(NOW)
    .. ',"type":"' .. type .. '","data":' .. data .. '}'
  call('RPUSH', K('log', id), event)
  if seq % LIMIT.log_trimmed == 0 then call('LTRIM', K('log', id), -LIMIT.log_bound, -1) end
  call('HSET', meta, unpack(set))
  if #del > 0 then call('HDEL', meta, unpack(del)) end
  local carried = #event <= LIMIT.doorbell_bytes and event or ''
  call('PUBLISH', K('task_channel', id), EPOCH .. ':' .. seq .. ':' .. carried)
  if type == 'task_succeeded' or type == 'task_failed' or type == 'task_cancelled' then
    local f = call('HMGET', meta, 'kind', 'owner', 'group', 'state')
    end_task(id, f[1], f[2], f[3] or '', f[4])
  end
  return seq
end

local function ended(state)
  return state == 'SUCCESS' or state == 'FAILURE' or state == 'REVOKED'
end

local function json_string(value)
  return value and value ~= '' and cjson.encode(value) or 'null'
end

local function queued_data(kind, document, section, conversation, reason)
  return '{"kind":"' .. kind .. '","document_id":' .. json_string(document) .. ',"section_id":' .. json_string(section)
    .. ',"conversation_id":' .. json_string(conversation) .. ',"reason":"' .. reason .. '"}'
end

local function wake()
  call('PUBLISH', K('wake_channel'), '')
end

local function queue_again(id, reason)
  local f = call('HMGET', K('task', id), 'kind', 'document_id', 'section_id', 'conversation_id', 'owner', 'group', 'order',
    'priority', 'asked_engine')
  append_event(id, 'task_queued', queued_data(f[1], f[2], f[3], f[4], reason), { 'state', 'PENDING', 'reason', reason },
    { 'retry_at', 'step' })
  stand_in_line(id, f[1], f[5], f[6] or '', f[7], f[8], f[9])
  wake()
end
