/// Whether two texts of one length are the same bytes, 32 at a time: WebAssembly
/// has no instruction for it, and a library's loop may go byte by byte.
pub(super) fn equal(a: &[u8], b: &[u8]) -> bool {
    let (a, a_rest) = a.as_chunks::<32>();
    let (b, b_rest) = b.as_chunks::<32>();
    a.len() == b.len()
        && a.iter().zip(b).all(|(a, b)| {
            let (a, b) = (a.as_chunks::<8>().0, b.as_chunks::<8>().0);
            let different = a.iter().zip(b).fold(0, |different, (a, b)| {
                different | (u64::from_le_bytes(*a) ^ u64::from_le_bytes(*b))
            });
            different == 0
        })
        && a_rest.len() == b_rest.len()
        && a_rest.iter().zip(b_rest).all(|(a, b)| a == b)
}
