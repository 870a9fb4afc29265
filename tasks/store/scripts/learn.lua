-- Believe an answer's headers, upward and downward.
-- ARGV: model, then limit and remaining of requests, input tokens and output tokens, '' for not said.
-- Answer: 1
local left
for i = 2, 6, 2 do
  local limit, remaining = tonumber(ARGV[i]), tonumber(ARGV[i + 1])
  if limit and remaining and limit > 0 and (not left or remaining / limit < left) then left = remaining / limit end
end
local buckets, told = load_buckets({ 'requests:' .. ARGV[1], 'input:' .. ARGV[1], 'output:' .. ARGV[1] }), {}
buckets[1].known, buckets[1].left = true, left
for i, b in ipairs(buckets) do
  believe(b, ARGV[2 * i], ARGV[2 * i + 1], i == 1 and 1 or 0)
  refill(b)
  if i == 1 or b.rate > 0 then told[#told + 1] = b end
end
save_buckets(told)
wake()
return 1
