-- Believe an answer's headers, upward and downward. ARGV: model, limit or '', remaining or ''.
local b = load_bucket('requests:' .. ARGV[1])
b.known = true
if ARGV[2] ~= '' then set_rate(b, tonumber(ARGV[2])) end
if ARGV[3] ~= '' then
  local behind = math.max(1, b.rate * LIMIT.behind_ms / 60000)
  b.level = math.min(refill(b), tonumber(ARGV[3]) - behind)
end
refill(b)
save_bucket(b)
wake()
return 1
