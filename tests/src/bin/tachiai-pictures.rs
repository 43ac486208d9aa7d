//! Pictures of the console for the README: the kept screens of the tests, cell for cell, as small PNG files.
//!
//! A kept screen is text. What is reversed in it is known nevertheless: the bar at the top, and the line that begins with the mark of the chosen one.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use tachiai::console::widgets::cut::width;
use tachiai_tests::program;
use tachiai_tests::trouble::{Doing, Trouble};
use tiny_skia::{FillRule, Mask, PathBuilder, Rect, Transform};
use ttf_parser::{Face, OutlineBuilder};

/// A cell in pixels: a character of a Latin letter; a Japanese one takes two.
const CELL: (u16, u16) = (10, 24);

/// The size of the letters in pixels: of the fonts that are used, half of it is as wide as a cell.
const EM: f32 = 20.0;

/// From the top of a line to the ground on which letters stand.
const GROUND: f32 = 19.0;

/// The pixels around the screen.
const MARGIN: u16 = 12;

/// The colours between ground and letter, so many; a picture of sixteen takes four bits a pixel.
const SHADES: u8 = 16;

/// Ground and letters.
const COLOURS: [[u8; 3]; 2] = [[18, 22, 28], [224, 228, 232]];

/// Draws kept screens as pictures.
#[derive(Parser)]
#[command(name = "tachiai-pictures", version)]
struct Arguments {
    /// The kept screens (.snap), each of which becomes a picture
    #[arg(required = true)]
    screens: Vec<PathBuf>,
    /// The folder of the pictures
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// A font with Japanese characters
    #[arg(long, value_name = "FILE", default_value = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")]
    font: PathBuf,
}

fn main() -> ExitCode {
    program::main("tachiai-pictures", perform)
}

fn perform(Arguments { screens, out, font }: &Arguments) -> Result<(), Trouble> {
    let bytes = std::fs::read(font).doing(format!("reading {} (Debian: fonts-noto-cjk)", font.display()))?;
    let face =
        monospaced(&bytes).ok_or_else(|| Trouble::new("choosing a font", "the file has none in which Japanese characters are twice as wide as letters"))?;
    std::fs::create_dir_all(out).doing(format!("making {}", out.display()))?;
    for screen in screens {
        let text = std::fs::read_to_string(screen).doing(format!("reading {}", screen.display()))?;
        let name = screen.file_stem().and_then(|name| name.to_str()).unwrap_or("screen");
        // The name begins with that of the test's module.
        let name = name.rsplit("__").next().unwrap_or(name);
        let path = out.join(format!("{name}.png"));
        draw(&face, kept(&text), &path)?;
        println!("{}", path.display());
    }
    Ok(())
}

/// The screen in a kept file: what follows its head.
fn kept(text: &str) -> &str {
    text.strip_prefix("---\n").and_then(|text| text.split_once("\n---\n")).map_or(text, |(_, screen)| screen)
}

/// The font of a file in which a Japanese character is twice as wide as a Latin letter.
fn monospaced(bytes: &[u8]) -> Option<Face<'_>> {
    let count = ttf_parser::fonts_in_collection(bytes).unwrap_or(1);
    let advance = |face: &Face<'_>, c: char| face.glyph_index(c).and_then(|glyph| face.glyph_hor_advance(glyph));
    (0..count).filter_map(|index| Face::parse(bytes, index).ok()).find(|face| {
        let widths = ['i', 'W', '0'].map(|c| advance(face, c));
        widths.iter().all(|one| *one == widths[0]) && advance(face, '立') == widths[0].map(|width| width * 2)
    })
}

/// The outline of a glyph as a path.
struct Outline(PathBuilder);

impl OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.0.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.0.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.0.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.0.close();
    }
}

/// The lines and blocks of a terminal, as parts of a cell: left, top, right, bottom. Those of a font would leave gaps.
fn strokes(c: char) -> Option<Vec<[f32; 4]>> {
    let (w, h) = (f32::from(CELL.0), f32::from(CELL.1));
    let (x, y) = (w / 2.0, h / 2.0);
    let [left, right, up, down] =
        [[0.0, y - 1.0, x + 1.0, y + 1.0], [x - 1.0, y - 1.0, w, y + 1.0], [x - 1.0, 0.0, x + 1.0, y + 1.0], [x - 1.0, y - 1.0, x + 1.0, h]];
    Some(match c {
        '─' => vec![left, right],
        '│' => vec![up, down],
        '┌' => vec![right, down],
        '┐' => vec![left, down],
        '└' => vec![right, up],
        '┘' => vec![left, up],
        '█' => vec![[0.0, 3.0, w, h - 3.0]],
        '░' => vec![[0.0, 3.0, w, 4.0], [0.0, h - 4.0, w, h - 3.0]],
        _ => return None,
    })
}

fn draw(face: &Face<'_>, text: &str, path: &Path) -> Result<(), Trouble> {
    let doing = || format!("drawing {}", path.display());
    let columns = text.lines().map(width).max().unwrap_or(0).max(80);
    let rows = text.lines().count();
    let pixels = |cells: usize, of: u16| u32::try_from(cells).ok().map(|cells| cells * u32::from(of) + 2 * u32::from(MARGIN));
    let (Some(w), Some(h)) = (pixels(columns, CELL.0), pixels(rows, CELL.1)) else { return Err(Trouble::new(doing(), "the screen is too large")) };
    let mut mask = Mask::new(w, h).ok_or_else(|| Trouble::new(doing(), "the screen is empty"))?;
    let scale = EM / f32::from(face.units_per_em());
    for (row, line) in text.lines().enumerate() {
        let mut column = 0;
        for c in line.chars() {
            let [x, y] =
                [(column, CELL.0), (row, CELL.1)].map(|(cells, of)| f32::from(u16::try_from(cells).unwrap_or(u16::MAX)) * f32::from(of) + f32::from(MARGIN));
            if let Some(strokes) = strokes(c) {
                for [left, top, right, bottom] in strokes {
                    if let Some(rect) = Rect::from_ltrb(x + left, y + top, x + right, y + bottom) {
                        mask.fill_path(&PathBuilder::from_rect(rect), FillRule::Winding, true, Transform::identity());
                    }
                }
            } else if let Some(glyph) = face.glyph_index(c) {
                let mut outline = Outline(PathBuilder::new());
                if face.outline_glyph(glyph, &mut outline).is_some()
                    && let Some(shape) = outline.0.finish()
                {
                    // A font's heights grow upwards.
                    mask.fill_path(&shape, FillRule::Winding, true, Transform::from_row(scale, 0.0, 0.0, -scale, x, y + GROUND));
                }
            }
            column += width(c.encode_utf8(&mut [0; 4]));
        }
    }
    let reversed: Vec<bool> = text.lines().enumerate().map(|(row, line)| row == 0 || line.starts_with("> ")).collect();
    write(path, &mask, &reversed).map_err(|error| Trouble::new(doing(), error))
}

/// Writes the picture, four bits a pixel.
fn write(path: &Path, mask: &Mask, reversed: &[bool]) -> Result<(), png::EncodingError> {
    let (w, h) = (mask.width(), mask.height());
    let mut encoder = png::Encoder::new(std::io::BufWriter::new(std::fs::File::create(path)?), w, h);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Four);
    encoder.set_palette((0..SHADES).flat_map(shade).collect::<Vec<u8>>());
    encoder.set_compression(png::Compression::High);
    let margin = u32::from(MARGIN);
    let mut bytes = Vec::new();
    for (y, line) in (0_u32..).zip(mask.data().chunks(usize::try_from(w).unwrap_or(usize::MAX))) {
        let row = y.checked_sub(margin).map(|y| y / u32::from(CELL.1)).and_then(|row| usize::try_from(row).ok());
        let is_reversed = row.and_then(|row| reversed.get(row)).copied().unwrap_or(false);
        let shade = |(x, cover): (u32, &u8)| {
            let index = cover / (u8::MAX / (SHADES - 1));
            if is_reversed && (margin..w - margin).contains(&x) { SHADES - 1 - index } else { index }
        };
        let shades: Vec<u8> = (0_u32..).zip(line).map(shade).collect();
        bytes.extend(shades.chunks(2).map(|pair| pair.iter().fold(0, |byte, index| byte << 4 | index) << (4 * (2 - pair.len()))));
    }
    encoder.write_header()?.write_image_data(&bytes)
}

/// A colour between ground and letter.
fn shade(index: u8) -> [u8; 3] {
    let [ground, letter] = COLOURS;
    let (part, whole) = (u16::from(index), u16::from(SHADES - 1));
    let mut colour = ground;
    for (colour, (ground, letter)) in colour.iter_mut().zip(ground.into_iter().zip(letter)) {
        let mixed = (u16::from(ground) * (whole - part) + u16::from(letter) * part) / whole;
        *colour = u8::try_from(mixed).unwrap_or(u8::MAX);
    }
    colour
}
