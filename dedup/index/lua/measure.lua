-- Bytes that some hashes of one kind take, and those of them that are payload. ARGV: layout, kind, first hash, behind
-- the last, step.
local kind, bytes, payload = ARGV[2], 0, 0
local function usage(key)
    return call('MEMORY', 'USAGE', key, 'SAMPLES', 0) or 0
end
for hash = tonumber(ARGV[3]), tonumber(ARGV[4]) - 1, tonumber(ARGV[5]) do
    local name = kind == 'p' and bucket(hash) or hash
    local key = root .. kind .. name
    bytes = bytes + usage(key)
    if kind == 'p' then
        local lists = call('HGETALL', key)
        for at = 1, #lists, 2 do
            if lists[at + 1] == '' then
                bytes = bytes + usage(root .. 'l' .. name .. lists[at])
            end
        end
    elseif kind == 'e' then
        for _, content in ipairs(call('HVALS', key)) do
            payload = payload + #content - 28 - struct.unpack('>I4', content, 21) - struct.unpack('>I4', content, 25)
        end
    end
end
return { bytes, payload }
