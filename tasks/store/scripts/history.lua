-- The last minutes, oldest first, the present one last. ARGV: how many. Answer: {now, {field, count, …}, …}
local present, answer = math.floor(NOW / 60000), { whole(NOW) }
for minute = present - tonumber(ARGV[1]) + 1, present do
  answer[#answer + 1] = call('HGETALL', K('minute', whole(minute)))
end
return answer
