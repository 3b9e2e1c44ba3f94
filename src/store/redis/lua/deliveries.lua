-- Deliveries: entries handed to consumers, kept by heart-beats, claimed when nobody cares for them.

-- Whether the partition's lease is still the caller's. A subscription without one has no third key.
local function has_lease(lease, owner, epoch)
  if not lease then return true end
  local held = redis.call('HMGET', lease, 'owner', 'epoch')
  return held[1] == owner and held[2] == epoch
end

-- One HSET for many, in portions that fit Lua's stack.
local function set_all(hash, pairs_list)
  local PORTION = 1000
  for i = 1, #pairs_list, PORTION do
    redis.call('HSET', hash, unpack(pairs_list, i, math.min(i + PORTION - 1, #pairs_list)))
  end
end

-- Entries that a fetch handed over whose answer was lost: those pending with this consumer under its token.
local function handed_over_before(topic, runs, group, consumer, token)
  local PAGE = 500
  local entries, from = {}, '-'
  repeat
    local pending = redis.call('XPENDING', topic, group, from, '+', PAGE, consumer)
    for _, one in ipairs(pending) do
      from = '(' .. one[1]
      local run = redis.call('HGET', runs, one[1])
      if run and string.sub(run, 1, 16) == token then
        entries[#entries + 1] = redis.call('XRANGE', topic, one[1], one[1])[1]
      end
    end
  until #pending < PAGE
  return entries
end

-- KEYS topic, runs, sessions[, lease]
-- ARGV group, consumer, count, bytes, now, token, session, token of a fetch without answer or '', owner, epoch
-- Returns the token of what it hands over, the id to wait above, and the entries.
local function tm_fetch(keys, args)
  local topic, group, consumer, lost = keys[1], args[1], args[2], args[8]
  if not has_lease(keys[4], args[9], args[10]) then return {'fenced'} end
  local count, bytes = tonumber(args[3]), tonumber(args[4])
  if lost ~= '' and redis.call('EXISTS', keys[2]) == 1 then
    local entries = handed_over_before(topic, keys[2], group, consumer, lost)
    if #entries > 0 then return {'ok', lost, '0-0', entries} end
  end

  -- In steps, each as large as the bytes that are left allow by what was read so far.
  local FIRST_STEP_BYTES = 65536
  local entries, taken = {}, 0
  local step = math.min(count, 16, math.max(1, math.floor(bytes / FIRST_STEP_BYTES)))
  repeat
    local read = redis.pcall('XREADGROUP', 'GROUP', group, consumer, 'COUNT', step, 'STREAMS', topic, '>')
    if read and read.err then
      if string.find(read.err, 'NOGROUP', 1, true) then return {'not_found'} end
      error(read)
    end
    local got = read and read[1][2] or {}
    for _, entry in ipairs(got) do
      entries[#entries + 1] = entry
      taken = taken + bytes_of(entry[2])
    end
    if #got < step or #entries >= count or taken >= bytes then break end
    local affordable = math.floor((bytes - taken) / math.max(1, taken / #entries))
    step = math.min(count - #entries, math.max(1, math.min(affordable, 4 * #entries)))
  until false
  if #entries == 0 then return {'ok', '', last_id_of(topic), entries} end

  local now = time_ms(args[5])
  local run = pack_run(args[6], '0', now, '-', args[7], consumer, '')
  local changed = {}
  for i, entry in ipairs(entries) do
    changed[2 * i - 1], changed[2 * i] = entry[1], run
  end
  set_all(keys[2], changed)
  redis.call('HSET', keys[3], args[7], now .. ' ' .. consumer)
  return {'ok', args[6], '0-0', entries}
end

-- Looks at so many pending entries in one call, so that a long list does not hold up the server.
local CLAIM_LOOKS_AT = 1000

-- KEYS topic, runs, sessions[, lease]
-- ARGV group, consumer, idle, after, count, now, token, session, owner, epoch
-- Returns up to where it has looked ('' for the end) and
-- {{id, fields, deliveries, attempts, suspect, retry time, last error}, …}. With the token of an earlier call it gives
-- again what that one had claimed.
local function tm_claim(keys, args)
  local topic, runs, group, consumer = keys[1], keys[2], args[1], args[2]
  if not has_lease(keys[4], args[9], args[10]) then return {'fenced'} end
  local idle, count, token, session = tonumber(args[3]), tonumber(args[5]), args[7], args[8]
  if args[4] == MAX_ID then return {'ok', '', {}} end
  local pending = redis.pcall('XPENDING', topic, group, '(' .. args[4], '+', CLAIM_LOOKS_AT)
  if pending.err then
    if string.find(pending.err, 'NOGROUP', 1, true) then return {'not_found'} end
    error(pending)
  end
  local now = time_ms(args[6])
  local wanted, known, position = {}, {}, ''
  for _, one in ipairs(pending) do
    if #wanted == count then break end
    local id = one[1]
    position = id
    local of_token, attempts, lease_start, retry_at, of_session, of_consumer, last_error =
      unpack_run(redis.call('HGET', runs, id) or '')
    -- Without a record of ours, or claimed by hand since, Redis's own idle time counts.
    local idle_for = of_consumer == one[2] and now - lease_start or one[3]
    if idle_for >= idle or of_token == token then
      wanted[#wanted + 1] = id
      known[id] = {attempts or '0', retry_at or '-', of_session or '-', last_error or '', one[4] + 1}
    end
  end
  if position == '' or (#pending < CLAIM_LOOKS_AT and position == pending[#pending][1]) then position = '' end
  if #wanted == 0 then return {'ok', position, {}} end

  local answer, changed, there, ended = {}, {}, {}, {}
  for _, entry in ipairs(redis.call('XCLAIM', topic, group, consumer, 0, unpack(wanted))) do
    local id, attempts, retry_at, of_session, last_error, deliveries = entry[1], unpack(known[entry[1]])
    there[id] = true
    if ended[of_session] == nil then
      ended[of_session] = of_session == session or of_session == '-' or
        redis.call('HEXISTS', keys[3], of_session) == 0
    end
    -- The suspicion lasts until an attempt is recorded, so the session that raised it stays in the record.
    local suspect = not ended[of_session]
    changed[#changed + 1] = id
    changed[#changed + 1] =
      pack_run(token, attempts, now, retry_at, suspect and of_session or session, consumer, last_error)
    answer[#answer + 1] = {id, entry[2], deliveries, attempts, suspect and 1 or 0, retry_at, last_error}
  end
  set_all(runs, changed)
  for _, id in ipairs(wanted) do
    if not there[id] then  -- deleted meanwhile
      redis.call('XACK', topic, group, id)
      redis.call('HDEL', runs, id)
    end
  end
  redis.call('HSET', keys[3], session, now .. ' ' .. consumer)
  return {'ok', position, answer}
end

-- KEYS topic, runs   ARGV group, consumer, id, token, attempt, now, session
local function tm_attempt(keys, args)
  local run = run_with_token(keys[1], args[1], keys[2], args[3], args[4])
  if not run then return {'fenced'} end
  local token, _, _, _, _, consumer, last_error = unpack_run(run)
  if consumer ~= args[2] then return {'fenced'} end
  redis.call('HSET', keys[2], args[3],
    pack_run(token, args[5], time_ms(args[6]), '-', args[7], consumer, last_error))
  redis.call('XCLAIM', keys[1], args[1], consumer, 0, args[3], 'JUSTID')
  return {'ok'}
end

-- KEYS topic, runs   ARGV group, consumer, now, then id, token, id, token, …   Returns the ids that are lost.
local function tm_extend(keys, args)
  local lost, kept, changed = {}, {}, {}
  local now = time_ms(args[3])
  for i = 4, #args, 2 do
    local id = args[i]
    local run = run_with_token(keys[1], args[1], keys[2], id, args[i + 1])
    local token, attempts, _, retry_at, session, consumer, last_error = unpack_run(run or '')
    if consumer == args[2] then
      kept[#kept + 1] = id
      changed[#changed + 1] = id
      changed[#changed + 1] = pack_run(token, attempts, now, retry_at, session, consumer, last_error)
    else
      lost[#lost + 1] = id
    end
  end
  if #kept > 0 then
    set_all(keys[2], changed)
    for i = 1, #kept, CLAIM_LOOKS_AT do  -- for people to see, and for consumers that are not ours
      local portion = {unpack(kept, i, math.min(i + CLAIM_LOOKS_AT - 1, #kept))}
      portion[#portion + 1] = 'JUSTID'
      redis.call('XCLAIM', keys[1], args[1], args[2], 0, unpack(portion))
    end
  end
  return {'ok', lost}
end

-- KEYS topic   ARGV group, id
local function tm_move_cursor(keys, args)
  local moved = redis.pcall('XGROUP', 'SETID', keys[1], args[1], args[2])
  if type(moved) == 'table' and moved.err then
    if string.find(moved.err, 'NOGROUP', 1, true) or redis.call('EXISTS', keys[1]) == 0 then return {'not_found'} end
    error(moved)
  end
  return {'ok'}
end

redis.register_function{function_name = 'tm_fetch', callback = tm_fetch, flags = {'allow-oom'}}
redis.register_function{function_name = 'tm_claim', callback = tm_claim, flags = {'allow-oom'}}
redis.register_function{function_name = 'tm_attempt', callback = tm_attempt, flags = {'allow-oom'}}
redis.register_function{function_name = 'tm_extend', callback = tm_extend, flags = {'allow-oom'}}
redis.register_function{function_name = 'tm_move_cursor', callback = tm_move_cursor, flags = {'allow-oom'}}
