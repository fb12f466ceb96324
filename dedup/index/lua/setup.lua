-- Stores manifest and context unless some are; gives those that are. No common head: there is no layout yet.
-- ARGV: layout, manifest, context, ttl; then, if others may be replaced while no number was reserved, manifest and context.
local meta = KEYS[1] .. 'meta'
local stored = redis.call('HMGET', meta, 'manifest', 'context', 'last')
if not stored[1] or (stored[1] == ARGV[5] and stored[2] == ARGV[6] and not stored[3]) then
    redis.call('HSETNX', meta, 'layout', ARGV[1])
    redis.call('HSET', meta, 'manifest', ARGV[2], 'context', ARGV[3])
    if ARGV[4] ~= '0' then
        redis.call('EXPIRE', meta, ARGV[4])
    end
end
return redis.call('HMGET', meta, 'layout', 'manifest', 'context')
