-- Believe an answer's headers, upward and downward.
-- ARGV: model, then limit and remaining of requests, input tokens and output tokens, '' for not said.
-- Answer: 1
local left
for i = 2, 6, 2 do
  local limit, remaining = tonumber(ARGV[i]), tonumber(ARGV[i + 1])
  if limit and remaining and limit > 0 and (not left or remaining / limit < left) then left = remaining / limit end
end
for i, what in ipairs({ 'requests', 'input', 'output' }) do
  local b = load_bucket(what .. ':' .. ARGV[1])
  believe(b, ARGV[2 * i], ARGV[2 * i + 1], what == 'requests' and 1 or 0)
  if what == 'requests' then b.known, b.left = true, left end
  refill(b)
  if what == 'requests' or b.rate > 0 then save_bucket(b) end
end
wake()
return 1
