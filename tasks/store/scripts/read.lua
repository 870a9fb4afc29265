-- The events after a position when all are there, else the snapshot, never a part.
-- ARGV: task_id, epoch ('' when the reader knows nothing), since, page.
-- Answer: {owner, epoch, seq, state, 'events', list, 1 when there are more}
--      or {owner, epoch, seq, state, 'snapshot', task hash, text, findings}, or false: unknown.
local id, page = ARGV[1], tonumber(ARGV[4])
local meta = K('task', id)
local f = call('HMGET', meta, 'owner', 'epoch', 'seq', 'state', 'epoch_from')
if not f[1] then return false end
local epoch, since, seq = ARGV[2], tonumber(ARGV[3]), tonumber(f[3])
if epoch == '' then
  since = 0
  epoch = seq <= page and f[2] or 'none'
end
if epoch == f[2] and since <= seq and since >= tonumber(f[5]) - 1 then
  local next_id = (since + 1) .. '-0'
  local entries = since < seq and call('XRANGE', K('log', id), next_id, '+', 'COUNT', page) or {}
  if since == seq or (entries[1] and entries[1][1] == next_id) then
    local events = {}
    for i, entry in ipairs(entries) do events[i] = entry[2][2] end
    return { f[1], f[2], f[3], f[4], 'events', events, since + #events < seq and 1 or 0 }
  end
end
return {
  f[1], f[2], f[3], f[4], 'snapshot', call('HGETALL', meta), call('GET', K('text', id)) or '',
  call('LRANGE', K('task_findings', id), 0, -1),
}
