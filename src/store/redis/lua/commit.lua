-- A commit: everything is checked before the first write, because functions do not roll back. src/store/redis/
-- commit_call.cpp writes the arguments, in the order in which they are taken here.

-- The caller has to learn the collection's indexes anew, and to repeat.
local function stale(collection)
  return {'stale', 'the collection was declared anew', collection}
end

-- Fields of a hash.
local function hmget_all(key, fields)
  if #fields <= PORTION then return redis.call('HMGET', key, unpack(fields)) end
  local all = {}
  for first = 1, #fields, PORTION do
    local some = redis.call('HMGET', key, unpack(fields, first, math.min(first + PORTION - 1, #fields)))
    for i = 1, #some do all[first + i - 1] = some[i] end
  end
  return all
end

local function fenced(topic, group, id)
  return refusal('fenced', 'the delivery is no longer pending with this token: it was settled, or claimed by another ' ..
    'consumer', topic .. ' ' .. id .. " of group '" .. group .. "'")
end

-- The place of a commit's answer in its session: the last 1024 are kept.
local SESSION_PLACES = 1024

-- What the first sending of this commit came to: its answer, a refusal, or nothing when it was not executed.
local function answer_before(session, sequence, must_be_known)
  local kept = call('HGET', session, sequence % SESSION_PLACES)
  if not kept then
    if must_be_known ~= '' and call('EXISTS', session) == 0 then
      return refusal('unavailable', 'whether the commit was applied is not known: the record of this process is gone ' ..
        'from the server', session)
    end
    return nil
  end
  local of = tonumber(string.match(kept, '^%d+'))
  if of < tonumber(sequence) then return nil end
  if of > tonumber(sequence) then
    return refusal('unavailable', 'whether the commit was applied is not known: too many followed it', session)
  end
  call('HSET', session, sequence % SESSION_PLACES, kept)  -- or WAIT would have nothing to wait for
  local answer = {'ok'}
  for id in string.gmatch(kept, '%S+-%S+') do answer[#answer + 1] = id end
  return answer
end

local MARK_LASTS = 24 * 3600 * 1000  -- milliseconds

-- KEYS session; now, and then numbers of commits
-- Whether all of them are in this server's history; the note of it is what WAIT is to wait for.
register('mark', {'allow-oom'}, function(keys, args)
  for i = 2, #args do
    local kept = call('HGET', keys[1], args[i] % SESSION_PLACES)
    if not kept or string.match(kept, '^%d+') ~= args[i] then
      return refusal('unavailable', 'its record is gone from the server: a fail-over may have lost both, or too many ' ..
        'commits followed it', keys[1])
    end
  end
  call('HSET', keys[1], 'marked', args[#args])
  if call('PTTL', keys[1]) < 0 then call('PEXPIRE', keys[1], MARK_LASTS) end  -- of one who only reads here
  return {'ok'}
end)

-- Arguments and keys are taken one after the other.
local keys, args, next_key, next_arg

local function take_key()
  next_key = next_key + 1
  return keys[next_key - 1]
end

local function take()
  next_arg = next_arg + 1
  return args[next_arg - 1]
end

-- Which of these entries are pending, with whom: id -> consumer. The ids rise.
local function consumers_of(topic, group, ids)
  local of, last = {}, ids[#ids]
  -- Others may be pending in between; where there are many of them, ours are asked for one by one.
  local pending = redis.pcall('XPENDING', topic, group, ids[1], last, 2 * #ids)
  if pending.err then return of end
  for i = 1, #pending do of[pending[i][1]] = pending[i][2] end
  if #pending == 2 * #ids and pending[#pending][1] ~= last then
    for i = 1, #ids do
      if not of[ids[i]] then
        local one = redis.call('XPENDING', topic, group, ids[i], ids[i], 1)[1]
        if one then of[ids[i]] = one[2] end
      end
    end
  end
  return of
end

-- What several effects of one kind are about stays where it is among the arguments: tables note their places (`at`), for
-- a table for each effect would cost more than all commands together.

-- One for each group: topic, runs; group settlements; then for each, in the order of the ids: id token attempts
-- [retry_at error]: attempts is empty for an acknowledgement.
local function check_settlements(count)
  local all = {}
  for g = 1, count do
    local of = {topic = take_key(), runs = take_key(), group = take()}
    local ids, at, owners = {}, {}, {}
    local wanted, place = tonumber(take()), next_arg
    for i = 1, wanted do
      ids[i], at[i] = args[place], place
      place = place + (args[place + 2] == '' and 3 or 5)
    end
    next_arg = place
    local runs = hmget_all(of.runs, ids)
    local consumers = consumers_of(of.topic, of.group, ids)
    local last_run, owner, consumer  -- what was handed over together has equal records
    for i = 1, wanted do
      local run, token = runs[i], args[at[i] + 1]
      if run and run ~= last_run then
        local _
        _, _, _, _, owner = unpack_run(run)
        _, consumer = split_owner(owner)
        last_run = run
      end
      if not run or string.find(run, token, 1, true) ~= 1 or not consumer or consumers[ids[i]] ~= consumer then
        return nil, fenced(of.topic, of.group, ids[i])
      end
      owners[i] = owner
    end
    of.ids, of.at, of.owners = ids, at, owners
    all[g] = of
  end
  return all
end

local SPACE = 32

-- Whether what is stored of a document is of that version, or nothing where '-' is expected.
local function is_version(stored, expected)
  if not stored then return expected == '-' end
  return string.byte(stored, #expected + 1) == SPACE and string.find(stored, expected, 1, true) == 1
end

-- docs, ids; collection generation documents; then for each: id expected change, where expected is a version, '-' for
-- absent or '' for whatever it is, and change is 'put', 'erase' or ''. A put goes on with its key; version entries json.
local function check_documents(count)
  local all = {}
  for i = 1, count do
    local c = {docs = take_key(), ids = take_key(), name = take(), generation = take()}
    -- Where a document begins; the key, where it is changed; the entries that it had, where there was one.
    local at, key, old_entries, fields = {}, {}, {}, {''}
    local wanted, place = tonumber(take()), next_arg
    for d = 1, wanted do
      at[d], fields[d + 1] = place, args[place]
      local change = args[place + 2]
      if change ~= '' then key[d] = take_key() end
      place = place + (change == 'put' and 6 or 3)
    end
    next_arg = place
    local stored = hmget_all(c.docs, fields)
    if stored[1] ~= c.generation then return nil, stale(c.name) end
    for d = 1, wanted do
      local old, expected = stored[d + 1], args[at[d] + 1]
      if expected ~= '' and not is_version(old, expected) then
        return nil, refusal('conflict', expected == '-' and 'was made since it was found absent; read it and repeat'
          or 'was changed or erased since it was read; read it again and repeat', c.name .. '/' .. args[at[d]])
      end
      if old then old_entries[d] = string.sub(old, string.find(old, ' ', 1, true) + 1) end
    end
    c.at, c.key, c.old_entries = at, key, old_entries
    all[i] = c
  end
  return all
end

-- set, docs; collection generation lowest highest descending limit members; then for each: member id version.
local function check_queries(count)
  for _ = 1, count do
    local set, docs = take_key(), take_key()
    local name, generation, lowest, highest, descending, limit = take(), take(), take(), take(), take(), take()
    local first, wanted = next_arg + 1, tonumber(take())
    next_arg = first + 3 * wanted
    local found
    if descending == '1' then
      found = redis.call('ZRANGE', set, highest, lowest, 'BYLEX', 'REV', 'LIMIT', 0, limit)
    else
      found = redis.call('ZRANGE', set, lowest, highest, 'BYLEX', 'LIMIT', 0, limit)
    end
    local same = #found == wanted
    local fields = {''}
    for i = 1, wanted do
      local at = first + 3 * (i - 1)
      if found[i] ~= args[at] then same = false end
      fields[i + 1] = args[at + 1]
    end
    local stored = hmget_all(docs, fields)
    if stored[1] ~= generation then return stale(name) end
    for i = 1, wanted do
      if not stored[i + 1] or not is_version(stored[i + 1], args[first + 3 * (i - 1) + 2]) then same = false end
    end
    if not same then
      return refusal('conflict', 'gives other documents than when it was read; read it again and repeat',
        "query of '" .. name .. "'")
    end
  end
end

-- The entries of a document: for each index "<number><'!' if it is to be unique, else '='><length>:<encoded value>".
local function each_index_entry(entries)
  local at = 1
  return function()
    local _, colon, number, kind, length = string.find(entries, '^(%d+)([=!])(%d+):', at)
    if not colon then return nil end
    at = colon + 1 + length
    return number, string.sub(entries, colon + 1, at - 1), kind == '!'
  end
end

local function index_key(docs, number)
  return (string.gsub(docs, ':docs:', ':ix:', 1)) .. ':' .. number
end

-- The end of the range of all members that begin with an encoded value: no encoding begins with another one, and none
-- ends with a byte of 255.
local function end_of(value)
  return string.sub(value, 1, -2) .. string.char(string.byte(value, -1) + 1)
end

-- A holder that this commit changes gives its value up, or clashes with it in the commit itself, which is known there.
local function check_unique(c)
  local changed
  for d = 1, #c.at do
    local at = c.at[d]
    local id, entries = args[at], args[at + 2] == 'put' and args[at + 4] or ''
    if entries ~= '' and entries ~= c.old_entries[d] and string.find(entries, '!', 1, true) then
      for number, value, unique in each_index_entry(entries) do
        if unique then
          local holder = redis.call('ZRANGE', index_key(c.docs, number), '[' .. value, '(' .. end_of(value), 'BYLEX',
            'LIMIT', 0, 1)[1]
          if holder then
            holder = string.sub(holder, #value + 1)
            if not changed then
              changed = {}
              for other = 1, #c.at do changed[args[c.at[other]]] = c.key[other] ~= nil end
            end
            if not changed[holder] then
              return refusal('already_exists', "documents '" .. holder .. "' and '" .. id ..
                "' have the same value in index " .. number .. ', which is unique', c.name)
            end
          end
        end
      end
    end
  end
end

-- One for each key: key; change expires value, where change is 'make' for one that must be absent, 'put' or 'erase'.
local function check_keys(count, now)
  local changes = {}
  for i = 1, count do
    local k = {key = take_key(), change = take(), expires = take(), value = take()}
    if k.change == 'make' then
      local held = redis.call('GET', k.key)
      if held and tonumber(string.match(held, '^%d+')) > now then
        return nil, refusal('already_exists', 'the key is there already', string.match(k.key, ':key:(.*)$'))
      end
    end
    changes[i] = k
  end
  return changes
end

-- One for each topic: topic; ids, and then each of them.
local function check_erasures(count)
  local erasures = {}
  for i = 1, count do
    local e = {topic = take_key()}
    for n = 1, tonumber(take()) do
      e[n] = take()
      if #redis.call('XRANGE', e.topic, e[n], e[n]) == 0 then
        return nil, refusal('not_found', 'an entry to be deleted is not there, or no longer; look at the topic again',
          "topic '" .. e.topic .. "'")
      end
    end
    erasures[i] = e
  end
  return erasures
end

-- Endpoints must wait while a group of the topic is so far behind.
local function check_backlog(topic, lag_max)
  for _, group in ipairs(redis.call('XINFO', 'GROUPS', topic)) do
    local of = {}
    for i = 1, #group, 2 do of[group[i]] = group[i + 1] end
    if type(of.lag) == 'number' and of.lag > lag_max then
      return refusal('overloaded', "the group '" .. of.name .. "' is " .. of.lag .. ' events behind; try again when ' ..
        'it has caught up, or remove it if nobody reads as it any more', "topic '" .. topic .. "'")
    end
  end
end

-- One for each stream: topic. One for each publication: the number of its topic, id items, and then fields and values. An
-- empty id is one to be assigned.
local function check_publications(topics, count, lag_max)
  local names = {}
  for i = 1, topics do
    local topic = take_key()
    local length = call('XLEN', topic)  -- an error for what is no stream
    if lag_max and length > lag_max then
      local refused = check_backlog(topic, lag_max)
      if refused then return nil, refused end
    end
    names[i] = topic
  end
  local publications = {topics = {}, at = {}, given = false}
  local place = next_arg
  for i = 1, count do
    publications.topics[i], publications.at[i] = names[tonumber(args[place])], place
    publications.given = publications.given or args[place + 1] ~= ''
    place = place + 3 + tonumber(args[place + 2])
  end
  next_arg = place
  return publications
end

-- Ids that are given must rise, above those too that are assigned before them.
local function check_ids(publications, now)
  if not publications.given then return nil end
  local last = {}
  for i = 1, #publications.at do
    local topic, id = publications.topics[i], args[publications.at[i] + 1]
    local before = last[topic] or last_id_of(topic)
    if id == '' then
      local of_now = ms_text(now()) .. '-0'
      last[topic] = id_below(before, of_now) and of_now or id_after(before)
    elseif id_below(before, id) then
      last[topic] = id
    else
      return refusal('invalid', 'the id ' .. id .. ' does not rise above the last one, ' .. before,
        "topic '" .. topic .. "'")
    end
  end
end

-- Appends all or nothing: the one thing that may still go wrong is a stream that has no ids left.
local function publish(publications, now, answer)
  local xadd = redis.pcall
  for i = 1, #publications.at do
    local topic, at = publications.topics[i], publications.at[i]
    local given, first, last = args[at + 1], at + 3, at + 2 + tonumber(args[at + 2])
    local id
    if given ~= '' then
      id = xadd('XADD', topic, given, unpack(args, first, last))
    elseif now ~= '' then
      id = xadd('XADD', topic, now .. '-*', unpack(args, first, last))
      if type(id) == 'table' then
        local last_ms = string.match(last_id_of(topic), '^%d+')
        id = xadd('XADD', topic, last_ms .. '-*', unpack(args, first, last))
      end
    else
      id = xadd('XADD', topic, '*', unpack(args, first, last))
    end
    if type(id) == 'table' then
      for before = 1, i - 1 do redis.call('XDEL', publications.topics[before], answer[before + 1]) end
      return refusal('invalid', given ~= '' and 'the id ' .. given .. ' does not rise above the last one' or id.err,
        "topic '" .. topic .. "'")
    end
    answer[i + 1] = id
  end
end

local function write_settlements(all, now)
  for g = 1, #all do
    local of, done = all[g], {}
    for i = 1, #of.at do
      if args[of.at[i] + 2] == '' then done[#done + 1] = of.ids[i] end
    end
    for first = 1, #done, PORTION do
      local last = math.min(first + PORTION - 1, #done)
      redis.call('XACK', of.topic, of.group, unpack(done, first, last))
      redis.call('HDEL', of.runs, unpack(done, first, last))
    end
    for i = 1, #done < #of.at and #of.at or 0 do
      local id, token, attempts, retry_at, err = unpack(args, of.at[i], of.at[i] + 4)
      -- Where another settlement of this commit has settled it, there is no record.
      if attempts ~= '' and redis.call('HEXISTS', of.runs, id) == 1 then
        redis.call('HSET', of.runs, id, pack_run(token, attempts, ms_text(now()), retry_at, of.owners[i], err))
      end
    end
  end
end

local function remove_entries(c, id, entries)
  for number, value in each_index_entry(entries) do
    -- An index that is gone is not among the declared keys, and its slot may be moving.
    redis.pcall('ZREM', index_key(c.docs, number), value .. id)
  end
end

-- Notes in `added` what is to be added to each index: number -> score, member, score, member, ...
local function add_entries(id, entries, added)
  for number, value in each_index_entry(entries) do
    local members = added[number] or {}
    added[number] = members
    members[#members + 1] = 0
    members[#members + 1] = value .. id
  end
end

local function write_documents(c, json_module)
  -- Every removal comes first: in a unique index, what one document gives up may be another one's new value.
  for d = 1, #c.at do
    local at, old = c.at[d], c.old_entries[d]
    if c.key[d] and old and old ~= '' and (args[at + 2] == 'erase' or args[at + 4] ~= old) then
      remove_entries(c, args[at], old)
    end
  end
  local texts, stored, new, added = {}, {}, {}, {}
  local n, fresh = 0, 0  -- of texts and stored, and of new
  for d = 1, #c.at do
    local at, key, old = c.at[d], c.key[d], c.old_entries[d]
    local id, change = args[at], args[at + 2]
    if change == 'put' then
      local entries, json = args[at + 4], args[at + 5]
      if json_module then
        if old then redis.call('DEL', key) end  -- it may be a string
        redis.call('JSON.SET', key, '$', json)
      else
        texts[n + 1], texts[n + 2] = key, json
      end
      stored[n + 1], stored[n + 2] = id, args[at + 3] .. ' ' .. entries
      n = n + 2
      if not old then
        new[fresh + 1], new[fresh + 2] = 0, id
        fresh = fresh + 2
      end
      if entries ~= '' and entries ~= old then add_entries(id, entries, added) end
    elseif change == 'erase' and old then
      redis.call('DEL', key)
      redis.call('HDEL', c.docs, id)
      redis.call('ZREM', c.ids, id)
    end
  end
  for first = 1, #texts, PORTION do redis.call('MSET', unpack(texts, first, math.min(first + PORTION - 1, #texts))) end
  in_portions('HSET', c.docs, stored)
  in_portions('ZADD', c.ids, new)
  for number, members in pairs(added) do in_portions('ZADD', index_key(c.docs, number), members) end
end

-- KEYS session; then those of settlements, documents, queries, keys, erasures, publications, timers, as above.
-- ARGV now, sequence ('': nothing is to be recorded), repeated ('', 'maybe', 'known'), time to live of the session in ms
-- ('' to leave it), '1' for documents in the JSON module, the lag that refuses ('' for none), groups,
-- collections, queries, keys, topics erased from, topics published to, publications, timers; the text of a clash of the commit with itself, or ''.
-- Returns the ids of what was published.
local function commit(commit_keys, commit_args)
  keys, args, next_key, next_arg = commit_keys, commit_args, 2, 16
  local session, sequence, repeated, ttl = keys[1], args[2], args[3], args[4]
  if repeated ~= '' and sequence ~= '' then
    local answer = answer_before(session, sequence, repeated == 'known' and repeated or '')
    if answer then return answer end
  end
  local now_known
  local function now()
    now_known = now_known or time_of(args[1])
    return now_known
  end

  local settlements, refused = check_settlements(tonumber(args[7]))
  if refused then return refused end
  local collections
  collections, refused = check_documents(tonumber(args[8]))
  if refused then return refused end
  refused = check_queries(tonumber(args[9]))
  if refused then return refused end
  if args[15] ~= '' then return refusal('already_exists', args[15]) end
  for i = 1, #collections do
    refused = check_unique(collections[i])
    if refused then return refused end
  end
  local key_changes = {}
  if args[10] ~= '0' then
    key_changes, refused = check_keys(tonumber(args[10]), now())
    if refused then return refused end
  end
  local erasures
  erasures, refused = check_erasures(tonumber(args[11]))
  if refused then return refused end
  local publications
  publications, refused = check_publications(tonumber(args[12]), tonumber(args[13]), args[6] ~= '' and tonumber(args[6]))
  if refused then return refused end

  refused = check_ids(publications, now)
  if refused then return refused end

  local answer = {'ok'}
  refused = publish(publications, args[1], answer)
  if refused then return refused end
  write_settlements(settlements, now)
  for i = 1, #collections do write_documents(collections[i], args[5] == '1') end
  for i = 1, #key_changes do
    local k = key_changes[i]
    if k.change == 'erase' then
      redis.call('DEL', k.key)
    elseif args[1] == '' then
      redis.call('SET', k.key, k.expires .. ' ' .. k.value, 'PXAT', k.expires)
    else  -- the server's own time is not the one that is told by
      redis.call('SET', k.key, k.expires .. ' ' .. k.value)
    end
  end
  for i = 1, #erasures do
    local e = erasures[i]
    for first = 1, #e, PORTION do redis.call('XDEL', e.topic, unpack(e, first, math.min(first + PORTION - 1, #e))) end
  end
  -- timers, timer; then for each: name due what, where an empty due cancels it.
  if args[14] ~= '0' then
    local due_times, contents = take_key(), take_key()
    for _ = 1, tonumber(args[14]) do
      local name, due, what = take(), take(), take()
      if due == '' then
        redis.call('ZREM', due_times, name)
        redis.call('HDEL', contents, name)
      else
        redis.call('ZADD', due_times, due, name)
        redis.call('HSET', contents, name, what)
      end
    end
  end
  if sequence ~= '' then
    local kept = sequence
    for i = 2, #answer do kept = kept .. ' ' .. answer[i] end
    redis.call('HSET', session, sequence % SESSION_PLACES, kept)
    if ttl ~= '' then redis.call('PEXPIRE', session, ttl) end
  end
  return answer
end

register('commit', {'allow-oom'}, commit)
-- The same for what may be refused: a full server does not execute it.
register('commit_refusable', {}, commit)
