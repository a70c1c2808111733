-- Deletes those of some names that nobody reads: of generations older than the live one, and of a
-- shadow that was given up, never of the live one. It is asked in the step that deletes, as an older
-- copy of Redis may have come back since the names were found, in which they are what is read.
-- KEYS[1] position, KEYS[2] shadow, the others: names of the partition; ARGV generation of each name
local live = redis.call('HGET', KEYS[1], 'generation')
local givenUp = redis.call('HGET', KEYS[2], 'givenUp')
local unread = {}
for i, generation in ipairs(ARGV) do
  if (live and generation < live) or (generation == givenUp and generation ~= live) then
    unread[#unread + 1] = KEYS[i + 2]
  end
end
return #unread == 0 and 0 or redis.call('UNLINK', unpack(unread))
