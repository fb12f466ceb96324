-- Numbers and heads of the entries in some hashes. ARGV: layout, first hash, how many, bytes of a head.
local heads = {}
for block = tonumber(ARGV[2]), tonumber(ARGV[2]) + tonumber(ARGV[3]) - 1 do
    local contents = call('HGETALL', root .. 'e' .. block)
    for at = 1, #contents, 2 do
        heads[#heads + 1] = pack(block * 64 + string.byte(contents[at])) .. sub(contents[at + 1], 1, tonumber(ARGV[4]))
    end
end
return { last, table.concat(heads) }
