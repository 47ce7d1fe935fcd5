//! Columns of text, as a terminal shows them: a Chinese character takes two places.

use unicode_width::UnicodeWidthStr;

/// The rows with every column as wide as its widest cell; the last one is not filled up. Each row begins with `indent`.
pub(super) fn rows<const N: usize>(indent: &str, rows: &[[String; N]]) -> Vec<String> {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    rows.iter().map(|row| format!("{indent}{}", line(row, &widths))).collect()
}

fn line<const N: usize>(row: &[String; N], widths: &[usize; N]) -> String {
    let mut text = String::new();
    for (cell, width) in row.iter().zip(widths) {
        text.push_str(cell);
        text.push_str(&" ".repeat(width.saturating_sub(cell.width()) + 2));
    }
    text.truncate(text.trim_end().len());
    text
}

#[cfg(test)]
mod tests {
    use super::rows;

    #[test]
    fn columns_line_up_whatever_the_script() {
        let told = rows("  ", &[["佐藤 愛子", "sms", "x"], ["Ben", "email", ""]].map(|row| row.map(str::to_owned)));
        assert_eq!(told, ["  佐藤 愛子  sms    x", "  Ben        email"]);
    }
}
