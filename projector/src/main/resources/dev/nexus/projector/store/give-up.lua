-- Ends a shadow, so that no batch is applied to it any more; what it left is swept afterwards.
-- KEYS[1] position, KEYS[2] shadow; ARGV generation of the shadow
if redis.call('HGET', KEYS[2], 'generation') ~= ARGV[1] then
  return 0
end
redis.call('DEL', KEYS[2])
redis.call('HSET', KEYS[2], 'givenUp', ARGV[1])
return 1
