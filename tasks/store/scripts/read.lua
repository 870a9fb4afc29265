-- The events after a position when all are there, else the snapshot, never a part.
-- ARGV: task_id, epoch ('' when the reader knows nothing), since, page in events, page in bytes.
-- Answer: {owner, epoch, seq, state, 'events', list, 1 when there are more}
--      or {owner, epoch, seq, state, 'snapshot', task hash, text, findings}, or false: unknown.
local id, page, page_bytes = ARGV[1], tonumber(ARGV[4]), tonumber(ARGV[5])
local meta = K('task', id)

-- One page of the log, at least one event; none when the next one is gone. They are counted from the end,
-- whose number is known. It is fetched in pieces that grow as far as the size of the events so far allows:
-- three hundred large ones would be more than the store should hold for one reader.
local function events_after(id, since, seq, page, page_bytes)
  local events, bytes, count, behind = {}, 0, 16, seq - since
  if call('LLEN', K('log', id)) < behind then return events end
  page = math.min(page, behind)
  while #events < page do
    local first = #events - behind
    for _, event in ipairs(call('LRANGE', K('log', id), first, first + math.min(count, page - #events) - 1)) do
      bytes = bytes + #event
      if #events > 0 and bytes > page_bytes then return events end
      events[#events + 1] = event
    end
    count = math.max(1, math.floor((page_bytes - bytes) * #events / bytes))
  end
  return events
end

local f = call('HMGET', meta, 'owner', 'epoch', 'seq', 'state', 'epoch_from')
if not f[1] then return false end
local epoch, since, seq = ARGV[2], tonumber(ARGV[3]), tonumber(f[3])
if epoch == '' then
  since = 0
  epoch = seq <= page and f[2] or 'none'
end
if epoch == f[2] and since <= seq and since >= tonumber(f[5]) - 1 then
  local events = events_after(id, since, seq, page, page_bytes)
  if since == seq or #events > 0 then
    return { f[1], f[2], f[3], f[4], 'events', events, since + #events < seq and 1 or 0 }
  end
end
return {
  f[1], f[2], f[3], f[4], 'snapshot', call('HGETALL', meta), call('GET', K('text', id)) or '',
  call('LRANGE', K('task_findings', id), 0, -1),
}
