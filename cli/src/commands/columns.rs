//! Tables on a terminal. A Japanese character is two columns wide.

use hansho_domain::text::visible;
use unicode_width::UnicodeWidthStr;

/// Rows under each other, each column as wide as its widest cell. Control characters of foreign text are left out.
pub(super) fn columns(rows: &[Vec<String>]) -> String {
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| visible(cell)).collect()).collect();
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> =
        (0..count).map(|column| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max().unwrap_or(0)).collect();
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(width - cell.width() + 2));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::columns;

    #[test]
    fn columns_stand_under_each_other_also_beside_japanese_names() {
        let rows = [["佐藤 愛子", "10:00"], ["Ben", "9:00"], ["\u{1b}[31mred", "x"]];
        let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(ToString::to_string).collect()).collect();
        assert_eq!(columns(&rows), "佐藤 愛子  10:00\nBen        9:00\n[31mred    x\n");
        // A row of a table may be a cell of another.
        assert_eq!(columns(&[vec!["03:00".to_owned(), "  Ben   sms".to_owned()]]), "03:00    Ben   sms\n");
    }
}
