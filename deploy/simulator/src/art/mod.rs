//! Pictures drawn on demand: a poster, background or snapshot is a function of the title.

mod canvas;
mod font;

use canvas::{Canvas, Color};

use crate::{
    catalog::{Item, Kind},
    hash,
};

/// The pictures an item can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Picture {
    Thumb,
    Art,
}

/// A drawing to be made.
#[derive(Debug, Clone)]
pub(crate) struct Drawing {
    pub(crate) title: String,
    pub(crate) caption: String,
    pub(crate) shape: Shape,
}

/// Proportions of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// 2:3 with the title.
    Poster,
    /// 16:9 with the title.
    Snapshot,
    /// 16:9 without text.
    Background,
}

impl Shape {
    /// Size in pixels when nothing else is asked for.
    pub(crate) fn size(self) -> (u32, u32) {
        match self {
            Self::Poster => (400, 600),
            Self::Snapshot => (640, 360),
            Self::Background => (1280, 720),
        }
    }
}

impl Drawing {
    /// What to draw for an item: episodes and home videos have snapshots, all else posters.
    pub(crate) fn of(item: &Item, picture: Picture) -> Self {
        let is_wide = item.id.kind() == Kind::Episode || item.guid.contains("agents.none");
        let shape = match picture {
            Picture::Art => Shape::Background,
            Picture::Thumb if is_wide => Shape::Snapshot,
            Picture::Thumb => Shape::Poster,
        };
        let above = item.grandparent.as_ref().or(item.parent.as_ref());
        let year = item.year.map(|year| year.to_string());
        let caption = above
            .map(|above| above.title.clone())
            .or(year)
            .unwrap_or_default();
        Self {
            title: item.title.clone(),
            caption,
            shape,
        }
    }

    /// The picture as JPEG.
    pub(crate) fn jpeg(&self, width: u32, height: u32) -> Vec<u8> {
        self.paint(width, height).jpeg()
    }

    fn paint(&self, width: u32, height: u32) -> Canvas {
        let random = hash::text(3, &self.title);
        let palette = palette(random);
        let mut canvas = Canvas::new(width, height);
        canvas.gradient(palette[0], palette[1]);
        scenery(&mut canvas, random, palette);
        if self.shape != Shape::Background {
            canvas.darken_below(0.52);
            self.write(&mut canvas);
        }
        canvas
    }

    fn write(&self, canvas: &mut Canvas) {
        let margin = canvas.width() * 0.08;
        let room = canvas.width() - 2.0 * margin;
        let wanted = canvas.width()
            * if self.shape == Shape::Poster {
                0.115
            } else {
                0.075
            };
        let (lines, size) = font::fit(&self.title, room, wanted);
        let line_height = size * 1.25;
        let caption_size = wanted * 0.5;
        let mut top = canvas.height() - margin * 0.9 - caption_size;
        canvas.text(
            &font::printable(&self.caption),
            margin,
            top,
            caption_size,
            0.75,
        );
        for line in lines.iter().rev() {
            top -= line_height;
            canvas.text(line, margin, top, size, 1.0);
        }
    }
}

/// The small picture a web hook carries.
pub(crate) fn thumbnail(item: &Item) -> Vec<u8> {
    let drawing = Drawing::of(item, Picture::Thumb);
    let (width, height) = drawing.shape.size();
    drawing.jpeg(width / 2, height / 2)
}

/// Two colors of the background and one of the shapes, related in hue.
fn palette(random: u64) -> [Color; 3] {
    let hue = f64::from(hash::below(random, 360));
    let turn = [28.0, 45.0, -35.0, 150.0][hash::below(random >> 20, 4) as usize];
    [
        Color::from_hsl(hue, 0.55, 0.42),
        Color::from_hsl(hue + turn, 0.60, 0.16),
        Color::from_hsl(hue - turn, 0.75, 0.66),
    ]
}

/// A sun or moon, and hills before it.
fn scenery(canvas: &mut Canvas, random: u64, palette: [Color; 3]) {
    let part = |number: u64| f64::from(hash::below(hash::mix(random, 5, number), 1000)) / 1000.0;
    let short = canvas.width().min(canvas.height());
    let x = canvas.width() * (0.2 + 0.6 * part(1));
    let y = canvas.height() * (0.18 + 0.2 * part(2));
    canvas.disc(x, y, short * (0.16 + 0.14 * part(3)), palette[2], 0.9);
    canvas.disc(x, y, short * (0.38 + 0.12 * part(3)), palette[2], 0.14);
    for layer in 0..3_u32 {
        let depth = f64::from(layer);
        let level = canvas.height() * (0.44 + 0.11 * depth);
        let height = canvas.height() * (0.05 + 0.07 * part(10 + u64::from(layer)));
        let phase = std::f64::consts::TAU * part(20 + u64::from(layer));
        let shade = palette[1].mixed(palette[0], 0.55 - 0.25 * depth);
        canvas.hills(level, height, phase, 1.0 + depth * 0.7, shade);
    }
}
