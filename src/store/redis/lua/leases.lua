-- Partitions, the processes that share them, and leases.

-- KEYS partitions; now count mark
-- Answers with what is stored: the count, and the mark that came with it when the service was new.
register('partitions', {'allow-oom'}, function(keys, args)
  local stored = call('GET', keys[1])
  local count = stored and string.match(stored, '^%d+')
  if count and count ~= args[2] then
    return refusal('invalid', 'the service was declared with ' .. count .. ' partitions, not ' .. args[2] ..
      '; keys belong to partitions by that number, so start it with --partitions ' .. count)
  end
  if not count then
    stored = args[2] .. ' ' .. args[3]
    call('SET', keys[1], stored)
  end
  return {'ok', stored}
end)

-- KEYS members; now member time_ms
-- Answers with all members.
register('join', {'allow-oom'}, function(keys, args)
  local now = time_of(args[1])
  call('ZREMRANGEBYSCORE', keys[1], '-inf', ms_text(now))
  call('ZADD', keys[1], ms_text(now + args[3]), args[2])
  return {'ok', call('ZRANGE', keys[1], 0, -1)}
end)

-- KEYS members; now member
register('leave', {'allow-oom'}, function(keys, args)
  call('ZREM', keys[1], args[2])
  return {'ok'}
end)

-- KEYS lease; now owner time_ms
-- Answers with the epoch, or with nothing where another owner has it, and how long whoever has it keeps it. Epochs
-- begin at the time, so that those of a server that has lost its data are none of those that it gave out before.
register('lease', {'allow-oom'}, function(keys, args)
  local now = time_of(args[1])
  local held = call('HMGET', keys[1], 'owner', 'epoch', 'until')
  local owner, epoch, ends = held[1], held[2] or ms_text(now), tonumber(held[3] or 0)
  if owner and owner ~= args[2] and ends > now then return {'ok', '', ms_text(ends - now)} end
  if owner ~= args[2] then epoch = ms_text(epoch + 1) end
  call('HSET', keys[1], 'owner', args[2], 'epoch', epoch, 'until', ms_text(now + args[3]))
  return {'ok', epoch, args[3]}
end)

-- KEYS lease; now owner epoch
-- The epoch stays, so that the next owner's is another one.
register('release', {'allow-oom'}, function(keys, args)
  if has_lease(keys[1], args[2], args[3]) then call('HDEL', keys[1], 'owner', 'until') end
  return {'ok'}
end)
