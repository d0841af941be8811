//! Pictures of a few hundred bytes: stripes in two colours, told apart by a number.

use crate::rng::Rng;

const WIDTH: usize = 64;
const HEIGHT: usize = 36;

/// A PNG with two colours, one bit a point, uncompressed.
pub fn png(number: u64) -> Vec<u8> {
    let mut rng = Rng::new(7, number, 9);
    let mut rows = Vec::with_capacity(HEIGHT * (1 + WIDTH / 8));
    let (slope, width) = (rng.range(0, 3) as usize, rng.range(4, 13) as usize);
    for y in 0..HEIGHT {
        rows.push(0);
        for byte in 0..WIDTH / 8 {
            let bits = (0..8).map(|b| byte * 8 + b).map(|x| u8::from((x + y * slope) / width % 2 == 0));
            rows.push(bits.fold(0, |all, bit| all << 1 | bit));
        }
    }
    let colour = |rng: &mut Rng, base: u32| [0, 0, 0].map(|_: u8| (base + rng.range(0, 90)) as u8);
    let mut palette = colour(&mut rng, 20).to_vec();
    palette.extend(colour(&mut rng, 160));
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut head = Vec::new();
    head.extend((WIDTH as u32).to_be_bytes());
    head.extend((HEIGHT as u32).to_be_bytes());
    head.extend([1, 3, 0, 0, 0]);
    chunk(&mut out, b"IHDR", &head);
    chunk(&mut out, b"PLTE", &palette);
    chunk(&mut out, b"IDAT", &stored(&rows));
    chunk(&mut out, b"IEND", &[]);
    out
}

/// A zlib stream of one stored block.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01, 0x01];
    let length = bytes.len() as u16;
    out.extend(length.to_le_bytes());
    out.extend((!length).to_le_bytes());
    out.extend(bytes);
    let (mut a, mut b) = (1u32, 0u32);
    for byte in bytes {
        a = (a + u32::from(*byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    out.extend((b << 16 | a).to_be_bytes());
    out
}

fn chunk(out: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    out.extend((data.len() as u32).to_be_bytes());
    let start = out.len();
    out.extend(kind);
    out.extend(data);
    let crc = crc(&out[start..]);
    out.extend(crc.to_be_bytes());
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes
        .iter()
        .fold(!0u32, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |c, _| if c & 1 == 1 { 0xEDB8_8320 ^ (c >> 1) } else { c >> 1 }))
}
