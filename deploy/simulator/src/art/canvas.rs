//! A few drawing operations on a picture of 24-bit colors.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "coordinates are small and colors are clamped"
)]

use jpeg_encoder::{ColorType, Encoder};

use super::font;

const QUALITY: u8 = 82;

/// Red, green and blue between 0 and 255.
#[derive(Debug, Clone, Copy)]
pub(super) struct Color([f64; 3]);

impl Color {
    const WHITE: Self = Self([250.0, 250.0, 248.0]);

    pub(super) fn from_hsl(hue: f64, saturation: f64, lightness: f64) -> Self {
        let amplitude = saturation * lightness.min(1.0 - lightness);
        let channel = |offset: f64| {
            let k = (offset + hue.rem_euclid(360.0) / 30.0) % 12.0;
            255.0 * (lightness - amplitude * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0))
        };
        Self([channel(0.0), channel(8.0), channel(4.0)])
    }

    pub(super) fn mixed(self, other: Self, share: f64) -> Self {
        let mix = |i: usize| self.0[i] * (1.0 - share) + other.0[i] * share;
        Self([mix(0), mix(1), mix(2)])
    }

    fn bytes(self) -> [u8; 3] {
        self.0.map(|channel| channel.clamp(0.0, 255.0) as u8)
    }
}

pub(super) struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Canvas {
    pub(super) fn new(width: u32, height: u32) -> Self {
        let (width, height) = (width.max(1) as usize, height.max(1) as usize);
        Self {
            width,
            height,
            pixels: vec![0; width * height * 3],
        }
    }

    pub(super) fn width(&self) -> f64 {
        self.width as f64
    }

    pub(super) fn height(&self) -> f64 {
        self.height as f64
    }

    pub(super) fn gradient(&mut self, top: Color, bottom: Color) {
        for (y, row) in self.pixels.chunks_exact_mut(self.width * 3).enumerate() {
            let color = top.mixed(bottom, y as f64 / self.height as f64).bytes();
            row.chunks_exact_mut(3)
                .for_each(|pixel| pixel.copy_from_slice(&color));
        }
    }

    pub(super) fn disc(&mut self, x: f64, y: f64, radius: f64, color: Color, opacity: f64) {
        let rows = span(y - radius, y + radius, self.height);
        for row in rows {
            for column in span(x - radius, x + radius, self.width) {
                let distance = (column as f64 - x).hypot(row as f64 - y);
                let cover = (radius - distance + 0.5).clamp(0.0, 1.0);
                self.blend(column, row, color, cover * opacity);
            }
        }
    }

    /// Everything below a wavy line.
    pub(super) fn hills(&mut self, level: f64, height: f64, phase: f64, waves: f64, color: Color) {
        for column in 0..self.width {
            let turn = column as f64 / self.width as f64 * std::f64::consts::TAU * waves + phase;
            let top = level - height * (turn.sin() + 0.4 * (turn * 2.3).sin());
            for row in span(top, self.height(), self.height) {
                self.blend(column, row, color, (row as f64 - top + 0.5).clamp(0.0, 1.0));
            }
        }
    }

    /// Makes the lower part dark enough for white text.
    pub(super) fn darken_below(&mut self, share: f64) {
        let top = self.height() * share;
        for row in span(top, self.height(), self.height) {
            let depth = ((row as f64 - top) / (self.height() - top)).clamp(0.0, 1.0);
            let keep = 1.0 - 0.85 * depth * (2.0 - depth) * depth.sqrt();
            let start = row * self.width * 3;
            for channel in &mut self.pixels[start..start + self.width * 3] {
                *channel = (f64::from(*channel) * keep) as u8;
            }
        }
    }

    pub(super) fn text(&mut self, text: &str, left: f64, top: f64, size: f64, opacity: f64) {
        for (position, character) in text.chars().enumerate() {
            let x = left + position as f64 * font::advance(size);
            self.glyph(character, x, top, size, opacity);
        }
    }

    fn glyph(&mut self, character: char, left: f64, top: f64, size: f64, opacity: f64) {
        let dot = font::dot(size);
        for row in span(top - dot, top + size + dot, self.height) {
            for column in span(left - dot, left + 6.0 * dot, self.width) {
                let x = (column as f64 + 0.5 - left) / dot;
                let y = (row as f64 + 0.5 - top) / dot;
                let cover = font::coverage(character, x, y, dot);
                self.blend(column, row, Color::WHITE, cover * opacity);
            }
        }
    }

    pub(super) fn jpeg(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let (width, height) = (self.width as u16, self.height as u16);
        Encoder::new(&mut bytes, QUALITY)
            .encode(&self.pixels, width, height, ColorType::Rgb)
            .expect("writing to memory, and the sizes agree");
        bytes
    }

    fn blend(&mut self, column: usize, row: usize, color: Color, opacity: f64) {
        if opacity <= 0.0 {
            return;
        }
        let start = (row * self.width + column) * 3;
        for (channel, value) in self.pixels[start..start + 3].iter_mut().zip(color.0) {
            *channel = (f64::from(*channel) * (1.0 - opacity) + value * opacity) as u8;
        }
    }
}

/// Whole positions between two coordinates that lie on the canvas.
fn span(from: f64, to: f64, limit: usize) -> std::ops::Range<usize> {
    let start = from.max(0.0) as usize;
    let end = (to.ceil().max(0.0) as usize).min(limit);
    start.min(end)..end
}
