-- Deliveries: entries handed to consumers, kept by heart-beats, claimed when nobody cares for them.

-- Entries that fetches handed over whose answers were lost: those pending with this consumer under one of the tokens, of
-- 16 characters each. Only those of the oldest such fetch, with its token.
local function handed_over_before(topic, runs, group, consumer, tokens)
  local PAGE = 500
  local is_lost = {}
  for at = 1, #tokens, 16 do is_lost[string.sub(tokens, at, at + 15)] = true end
  local entries, from, oldest = {}, '-', nil
  repeat
    local pending = call('XPENDING', topic, group, from, '+', PAGE, consumer)
    for _, one in ipairs(pending) do
      from = '(' .. one[1]
      local run = call('HGET', runs, one[1])
      local token = run and string.sub(run, 1, 16)
      if token and (token == oldest or not oldest and is_lost[token]) then
        local entry = call('XRANGE', topic, one[1], one[1])[1]
        if entry then
          oldest = token
          entries[#entries + 1] = entry
        end
      end
    end
  until #pending < PAGE
  return entries, oldest
end

-- Notes in the record of its session that a consumer is at work: group_info tells since when it was not seen.
local function note_seen(sessions, session, now, consumer)
  call('HSET', sessions, session, now .. ' ' .. consumer)
end

-- The same of one that asked in vain, which may be all that it ever did.
local function note_seen_in_vain(topic, group, sessions, session, now, consumer)
  call('XGROUP', 'CREATECONSUMER', topic, group, consumer)
  note_seen(sessions, session, now, consumer)
end

-- KEYS topic, runs, sessions[, lease]
-- ARGV now, group, consumer, count, bytes, token, session, tokens of fetches without answer[, owner, epoch]
-- Returns the token of what it hands over, the id to wait above, and the entries.
register('fetch', {'allow-oom'}, function(keys, args)
  local now, group, consumer, count, bytes, token, session, lost, owner, epoch = unpack(args)
  local topic = keys[1]
  if keys[4] and not has_lease(keys[4], owner, epoch) then return lost_lease(keys[4]) end
  now, count, bytes = ms_text(time_of(now)), tonumber(count), tonumber(bytes)
  if lost ~= '' and call('EXISTS', keys[2]) == 1 then
    local entries, of = handed_over_before(topic, keys[2], group, consumer, lost)
    if of then
      note_seen(keys[3], session, now, consumer)
      return {'ok', of, '0-0', entries}
    end
  end

  -- In steps, each as large as the bytes that are left allow by what was read so far.
  local FIRST_STEP_BYTES = 65536
  local entries, taken = {}, 0
  local step = math.min(count, 16, math.max(1, math.floor(bytes / FIRST_STEP_BYTES)))
  repeat
    local read = redis.pcall('XREADGROUP', 'GROUP', group, consumer, 'COUNT', step, 'STREAMS', topic, '>')
    if read and read.err then return refused_for_group(topic, group, read) end
    local got = read and read[1][2] or {}
    for i = 1, #got do entries[#entries + 1] = got[i] end
    if #got < step or #entries >= count then break end
    for i = 1, #got do taken = taken + bytes_of(got[i][2]) end
    if taken >= bytes then break end
    local affordable = math.floor((bytes - taken) / math.max(1, taken / #entries))
    step = math.min(count - #entries, math.max(1, math.min(affordable, 4 * #entries)))
  until false
  if #entries == 0 then
    note_seen_in_vain(topic, group, keys[3], session, now, consumer)
    return {'ok', '', last_id_of(topic), entries}
  end

  local run = pack_run(token, '0', now, '-', owner_of(session, consumer), '')
  local changed = {}
  for i, entry in ipairs(entries) do
    changed[2 * i - 1], changed[2 * i] = entry[1], run
  end
  in_portions('HSET', keys[2], changed)
  note_seen(keys[3], session, now, consumer)
  return {'ok', token, '0-0', entries}
end)

-- Looks at so many pending entries in one call, so that a long list does not hold up the server.
local CLAIM_LOOKS_AT = 1000

-- KEYS topic, runs, sessions[, lease]
-- ARGV now, group, consumer, idle, after, count, token, session[, owner, epoch]
-- Returns up to where it has looked ('' for the end) and
-- {{id, fields, deliveries, attempts, suspect, retry time, last error}, …}. With the token of an earlier call it gives
-- again what that one had claimed.
register('claim', {'allow-oom'}, function(keys, args)
  local now, group, consumer, idle, after, count, token, session, owner, epoch = unpack(args)
  local topic, runs = keys[1], keys[2]
  if keys[4] and not has_lease(keys[4], owner, epoch) then return lost_lease(keys[4]) end
  if after == MAX_ID then return {'ok', '', {}} end
  local pending = redis.pcall('XPENDING', topic, group, '(' .. after, '+', CLAIM_LOOKS_AT)
  if pending.err then return refused_for_group(topic, group, pending) end
  now, idle, count = ms_text(time_of(now)), tonumber(idle), tonumber(count)
  local wanted, known, position = {}, {}, ''
  for _, one in ipairs(pending) do
    if #wanted == count then break end
    local id = one[1]
    position = id
    local of_token, attempts, since, retry_at, of_owner, last_error = unpack_run(call('HGET', runs, id) or '')
    local of_session, of_consumer = split_owner(of_owner)
    -- Without a record of ours, or claimed by hand since, Redis's own idle time counts.
    local idle_for = of_consumer == one[2] and now - since or one[3]
    -- With idle 0 all are taken, also those of a former master whose clock was ahead.
    if idle <= 0 or idle_for >= idle or of_token == token then
      wanted[#wanted + 1] = id
      known[id] = {attempts or '0', retry_at or '-', of_session or '-', last_error or '', one[4] + 1}
    end
  end
  if position == '' or (#pending < CLAIM_LOOKS_AT and position == pending[#pending][1]) then position = '' end
  if #wanted == 0 then
    note_seen_in_vain(topic, group, keys[3], session, now, consumer)
    return {'ok', position, {}}
  end

  local answer, changed, there, ended = {}, {}, {}, {}
  for _, entry in ipairs(call('XCLAIM', topic, group, consumer, 0, unpack(wanted))) do
    local id, attempts, retry_at, of_session, last_error, deliveries = entry[1], unpack(known[entry[1]])
    there[id] = true
    if ended[of_session] == nil then
      ended[of_session] = of_session == session or of_session == '-' or
        call('HEXISTS', keys[3], of_session) == 0
    end
    -- The suspicion lasts until an attempt is recorded, so the session that raised it stays in the record.
    local suspect = not ended[of_session]
    changed[#changed + 1] = id
    changed[#changed + 1] =
      pack_run(token, attempts, now, retry_at, owner_of(suspect and of_session or session, consumer), last_error)
    answer[#answer + 1] = {id, entry[2], deliveries, attempts, suspect and 1 or 0, retry_at, last_error}
  end
  in_portions('HSET', runs, changed)
  for _, id in ipairs(wanted) do
    if not there[id] then  -- deleted meanwhile
      call('XACK', topic, group, id)
      call('HDEL', runs, id)
    end
  end
  note_seen(keys[3], session, now, consumer)
  return {'ok', position, answer}
end)

-- KEYS topic, runs   ARGV now, group, consumer, id, token, attempt
register('record_attempt', {'allow-oom'}, function(keys, args)
  local now, group, by, id, token, attempt = unpack(args)
  local run = run_with_token(keys[1], group, keys[2], id, token)
  local _, _, _, _, owner, last_error = unpack_run(run or '')
  local _, consumer = split_owner(owner)
  if consumer ~= by then
    return refusal('fenced', 'the delivery is no longer pending with this consumer and token',
      keys[1] .. ' ' .. id .. " of group '" .. group .. "'")
  end
  -- With its attempt counted, it is no longer of interest whose it was when a process ended uncleanly.
  call('HSET', keys[2], id, pack_run(token, attempt, ms_text(time_of(now)), '-', owner_of('-', by), last_error))
  call('XCLAIM', keys[1], group, by, 0, id, 'JUSTID')
  return {'ok'}
end)

-- KEYS topic, runs, sessions   ARGV now, group, consumer, session, then id, token, id, token, …
-- Returns the ids that are lost.
register('extend_leases', {'allow-oom'}, function(keys, args)
  local lost, kept, changed = {}, {}, {}
  local now, group, by, session = ms_text(time_of(args[1])), args[2], args[3], args[4]
  for i = 5, #args, 2 do
    local id = args[i]
    local run = run_with_token(keys[1], group, keys[2], id, args[i + 1])
    local token, attempts, _, retry_at, owner, last_error = unpack_run(run or '')
    local _, consumer = split_owner(owner)
    if consumer == by then
      kept[#kept + 1] = id
      changed[#changed + 1] = id
      changed[#changed + 1] = pack_run(token, attempts, now, retry_at, owner, last_error)
    else
      lost[#lost + 1] = id
    end
  end
  if #kept > 0 then
    in_portions('HSET', keys[2], changed)
    for i = 1, #kept, CLAIM_LOOKS_AT do  -- for people to see, and for consumers that are not ours
      local portion = {unpack(kept, i, math.min(i + CLAIM_LOOKS_AT - 1, #kept))}
      portion[#portion + 1] = 'JUSTID'
      call('XCLAIM', keys[1], group, by, 0, unpack(portion))
    end
    note_seen(keys[3], session, now, by)
  end
  return {'ok', lost}
end)

-- How many entries were ever added up to the id; nothing where that would take too long to count. Deleted ones are not
-- counted where they lie behind it.
local function entries_up_to(topic, id)
  local info = by_name(call('XINFO', 'STREAM', topic))
  local last = info['last-generated-id']
  if not id_below(id, last) then return info['entries-added'] end
  local behind = #call('XRANGE', topic, '(' .. id, '+', 'COUNT', CLAIM_LOOKS_AT)
  if behind == CLAIM_LOOKS_AT then return nil end
  return info['entries-added'] - behind
end

-- KEYS topic   ARGV now, group, id
register('move_cursor', {'allow-oom'}, function(keys, args)
  local topic, group, id = keys[1], args[2], args[3]
  if call('EXISTS', topic) == 0 then return no_topic(topic) end
  local read = entries_up_to(topic, id)  -- so that XINFO GROUPS knows a lag
  local moved
  if read then
    moved = redis.pcall('XGROUP', 'SETID', topic, group, id, 'ENTRIESREAD', read)
  else
    moved = redis.pcall('XGROUP', 'SETID', topic, group, id)
  end
  if moved.err then return refused_for_group(topic, group, moved) end
  return {'ok'}
end)
