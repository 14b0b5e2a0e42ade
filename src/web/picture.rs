//! Pictures of what is drawn as SVG, for those who show no SVG: mail programs, and sites on which an address is shared.

use std::sync::{Arc, LazyLock};

use resvg::{
    tiny_skia::{Pixmap, Transform},
    usvg::{Options, Tree, fontdb::Database},
};

/// The fonts of the site. They ship with the program, so that a picture looks the same wherever it is made.
static FONTS: LazyLock<Arc<Database>> = LazyLock::new(|| {
    let mut fonts = Database::new();
    for font in [
        include_bytes!("../../data/fonts/inter-regular.ttf").as_slice(),
        include_bytes!("../../data/fonts/inter-semibold.ttf"),
        include_bytes!("../../data/fonts/source-serif-4-semibold.ttf"),
    ] {
        fonts.load_font_data(font.to_vec());
    }
    Arc::new(fonts)
});

/// A drawing as a PNG, so many times as large as it says that it is; `None` where it cannot be drawn.
pub fn png(svg: &str, scale: u16) -> Option<Vec<u8>> {
    let options = Options { fontdb: FONTS.clone(), font_family: "Inter".to_owned(), ..Options::default() };
    let tree = Tree::from_str(svg, &options).ok()?;
    let size = tree.size().to_int_size().scale_by(f32::from(scale))?;
    let mut image = Pixmap::new(size.width(), size.height())?;
    resvg::render(&tree, Transform::from_scale(f32::from(scale), f32::from(scale)), &mut image.as_mut());
    image.encode_png().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fonts_draw_letters() {
        let text = |text: &str| {
            png(&format!(r#"<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="630"><text x="50" y="300" font-family="Inter" font-size="60">{text}</text></svg>"#), 1)
                .expect("a picture")
        };
        assert_ne!(text("Wattline"), text(""));
    }
}
