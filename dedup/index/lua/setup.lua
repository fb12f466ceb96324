-- Stores manifest and context unless some are; gives those that are. No common head: there is no layout yet.
-- ARGV: layout, manifest, context, ttl.
local meta = KEYS[1] .. 'meta'
if redis.call('HEXISTS', meta, 'manifest') == 0 then
    redis.call('HSET', meta, 'layout', ARGV[1], 'manifest', ARGV[2], 'context', ARGV[3])
    if ARGV[4] ~= '0' then
        redis.call('EXPIRE', meta, ARGV[4])
    end
end
return redis.call('HMGET', meta, 'layout', 'manifest', 'context')
