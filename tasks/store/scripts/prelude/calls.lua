-- Where a call goes and when it may start; see calls.py.

-- The account's three buckets, read once: each kind that waits asks for them. A configured limit is a belief to
-- begin with; what an answer's headers say replaces it.
local function account_buckets(account)
  local found = buckets_of[account.model]
  if found then return found end
  local model = account.model
  local read = load_buckets({ 'requests:' .. model, 'input:' .. model, 'output:' .. model })
  found = { requests = read[1], input = read[2], output = read[3] }
  local known = found.requests.known
  for what, configured in pairs({ requests = account.rpm, input = account.input_tpm, output = account.output_tpm }) do
    if configured > 0 and found[what].rate ~= configured and not known then set_rate(found[what], configured) end
  end
  buckets_of[model] = found
  return found
end

-- Whether a call that needs that much may start now, and if not, when the clock alone could change that.
local function call_opens(account, buckets, input, output)
  if not account then return true, nil end
  local at
  for what, need in pairs({ requests = 1, input = input, output = output }) do
    local opens = opens_at(buckets[what], need)
    if opens and (not at or opens > at) then at = opens end
  end
  if at then return false, at end
  local requests, in_flight = buckets.requests, call('SCARD', K('calls', account.model))
  if requests.probing or not (requests.known or account.rpm > 0) then
    if in_flight >= 1 then return false, nil end
  end
  if account.concurrency > 0 then
    local at_all = 0
    for _, terms in ipairs(account.models) do at_all = at_all + call('SCARD', K('calls', terms.model)) end
    if at_all >= account.concurrency then return false, nil end
  end
  if requests.window and in_flight >= math.floor(requests.window) then return false, nil end
  return true, nil
end

-- The account as it is called with one of its models. What is configured is believed of the main one only.
local function account_with(account, terms)
  if terms.model == account.model then return account end
  return {
    model = terms.model, terms = terms, models = account.models, max_output = account.max_output,
    rpm = 0, input_tpm = 0, output_tpm = 0, concurrency = account.concurrency,
  }
end

-- Whether the breaker of a model is open: it is closed for more than a 429, or one call asks whether it is back.
local function is_away(model, requests)
  if requests.closed_until > NOW and requests.reason and requests.reason ~= 'rate_limited' then return true end
  return requests.probing and call('SCARD', K('calls', model)) > 0
end

-- Reviews and questions begin differently, so a document stands in the cache for each of them.
local function warmth_key(kind, document, model)
  local shared = kind .. '.' .. document
  return K('warmth', shared, model)
end

-- Whether a document stands in the model's cache: 'warm', 'warming' with when that is given up, 'cold', or
-- 'never' where there is nothing to share or too little to be cached. Only reviews come in numbers and wait
-- for each other; who talks does not.
local function warmth_of(kind, document, shared, terms)
  if not document or shared < (terms.least_cached_tokens or 1024) then return 'never' end
  local key = warmth_key(kind, document, terms.model)
  local writer = call('GET', key)
  if writer == '' then return 'warm' end
  if not writer or kind ~= 'analysis' then return 'cold' end
  return 'warming', NOW + call('PTTL', key)
end

local function earlier(a, b)
  return a and b and math.min(a, b) or a or b
end

-- Where a task's call may go now, and what it takes; nil, when the clock could change that, and why not:
-- 'budget', 'engine', or 'warming' when another call writes its document to the cache.
-- Only while a model is away may a call go to the next one.
local function choose_call(account, kind, chars, shared_chars, document)
  local later, why, shared = nil, 'engine', (tonumber(shared_chars) or 0) * LIMIT.tokens_per_char
  for index, terms in ipairs(account.models) do
    local at = account_with(account, terms)
    local buckets = account_buckets(at)
    local opens
    if is_away(at.model, buckets.requests) then
      opens = buckets.requests.closed_until > NOW and buckets.requests.closed_until or nil
    else
      local warmth, given_up = warmth_of(kind, document, shared, terms)
      if warmth == 'warming' then return nil, given_up, 'warming' end
      local input, output = need_of(kind, chars, at.model)
      local counted = (warmth ~= 'warm' or terms.cached_input_counts) and shared or 0
      if terms.max_tokens_counts then output = math.max(output, at.max_output[kind] or 0) end
      local is_open
      is_open, opens = call_opens(at, buckets, input + counted, output)
      if is_open then
        return { account = at, buckets = buckets, input = input + counted, output = output, shared = counted, warms = warmth == 'cold' }
      end
      why = 'budget'
      if index == 1 then return nil, opens, why end
    end
    later = earlier(later, opens)
  end
  return nil, later, why
end
