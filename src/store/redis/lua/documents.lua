-- Documents, keys, collections: reading, and changing which indexes there are.

-- A server that has got or lost its JSON module since holds documents of both kinds.
local function read_json(key, json_module)
  if json_module ~= '1' then return call('GET', key) end
  local json = redis.pcall('JSON.GET', key)
  if type(json) == 'table' then return call('GET', key) end
  return json
end

-- KEYS docs, documents; now json_module, and then the documents' ids
-- Answers for each with version and entries, and the JSON; with two empty texts where there is none.
register('find', {'no-writes'}, function(keys, args)
  local stored = call('HMGET', keys[1], unpack(args, 3))
  local texts = args[2] ~= '1' and call('MGET', unpack(keys, 2))
  local answer = {'ok'}
  for i = 1, #stored do
    local json = stored[i] and (texts and texts[i] or read_json(keys[i + 1], args[2]))
    answer[2 * i], answer[2 * i + 1] = json and stored[i] or '', json or ''
  end
  return answer
end)

-- KEYS key; now
register('find_key', {'no-writes'}, function(keys, args)
  local held = call('GET', keys[1])
  if not held then return {'ok'} end
  local expires, value = string.match(held, '^(%d+) (.*)$')
  if tonumber(expires) <= time_of(args[1]) then return {'ok'} end
  return {'ok', value}
end)

-- How long the encoded value at the front of an index's member is: src/model/index_key.cpp.
local function value_size(member)
  local tag = string.byte(member)
  if tag <= 3 then return 1 end
  if tag == 4 then return 11 end
  return (string.find(member, '\0', 2, true))
end

-- KEYS set, docs; now collection generation ('' for any) by_index lowest highest descending limit bytes json_module
-- document_prefix
-- Answers with whether there is more, and then member, id, version and entries, JSON for each.
register('query', {'no-writes'}, function(keys, args)
  local _, name, generation, by_index, lowest, highest, descending, limit, bytes, json_module, prefix = unpack(args)
  if generation ~= '' and call('HGET', keys[2], '') ~= generation then return stale(name) end
  local found
  if descending == '1' then
    found = call('ZRANGE', keys[1], highest, lowest, 'BYLEX', 'REV', 'LIMIT', 0, limit + 1)
  else
    found = call('ZRANGE', keys[1], lowest, highest, 'BYLEX', 'LIMIT', 0, limit + 1)
  end
  local answer, taken, n = {'ok', '0'}, 0, 2
  bytes, limit = tonumber(bytes), tonumber(limit)
  for i = 1, #found do
    if i > limit or taken >= bytes then
      answer[2] = '1'
      break
    end
    local member = found[i]
    local id = by_index == '1' and string.sub(member, value_size(member) + 1) or member
    local stored = call('HGET', keys[2], id)
    local json = stored and read_json(prefix .. id, json_module)
    if json then
      answer[n + 1], answer[n + 2], answer[n + 3], answer[n + 4] = member, id, stored, json
      n = n + 4
      taken = taken + #json
    end
  end
  return answer
end)

-- KEYS set; now member
register('note', {'allow-oom'}, function(keys, args)
  call('SADD', keys[1], args[2])
  return {'ok'}
end)

-- KEYS hash; now field value
register('note_field', {'allow-oom'}, function(keys, args)
  call('HSET', keys[1], args[2], args[3])
  return {'ok'}
end)

-- KEYS collections, docs, then indexes to drop; now collection expected generation record
register('change_collection', {'allow-oom'}, function(keys, args)
  if (call('HGET', keys[2], '') or '') ~= args[3] then return stale(args[2]) end
  call('HSET', keys[1], args[2], args[5])
  call('HSET', keys[2], '', args[4])
  for i = 3, #keys do call('UNLINK', keys[i]) end
  return {'ok'}
end)

-- KEYS docs, indexes; now collection generation, and then id version entries for each document
-- Documents that were changed meanwhile have their entries already. `already_exists` for a value that is to be unique.
register('reindex', {'allow-oom'}, function(keys, args)
  local docs, name = keys[1], args[2]
  if call('HGET', docs, '') ~= args[3] then return stale(name) end
  for i = 4, #args, 3 do
    local id, version, entries = args[i], args[i + 1], args[i + 2]
    local stored = call('HGET', docs, id)
    local old_version, old_entries = string.match(stored or '', '^(%S+) (.*)$')
    if old_version == version and old_entries ~= entries then
      for number, value, unique in each_index_entry(entries) do
        local index = index_key(docs, number)
        local holder = unique and call('ZRANGE', index, '[' .. value, '(' .. end_of(value), 'BYLEX', 'LIMIT', 0, 1)[1]
        holder = holder and string.sub(holder, #value + 1)
        if holder and holder ~= id then
          return refusal('already_exists', "documents '" .. holder .. "' and '" .. id ..
            "' have the same value, which an index says is unique", name)
        end
        call('ZADD', index, 0, value .. id)
      end
      call('HSET', docs, id, version .. ' ' .. entries)
    end
  end
  return {'ok'}
end)
