"""POD markup into prose."""

import pytest

from tools.pod import extract_prose, strip_formatting

DOCUMENT = """\
=encoding utf8

=head1 NAME

perlfoo - about B<foo>

=for comment not for
readers

    my $code = 1;

Text over
two lines.

=begin html

<p>for another formatter</p>

=end html

=over 4

=item *

An item with X<index>C<code>.

=back

=cut
"""


def test_prose_is_kept_and_markup_is_not():
    assert extract_prose(DOCUMENT) == ["NAME", "perlfoo - about foo", "Text over two lines.", "An item with code."]


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("C<print> is B<I<very> good>", "print is very good"),
        ("C<< $a <=> $b >>", "$a <=> $b"),
        ("C<<< a << b >>>", "a << b"),
        ("E<lt>tagE<gt> E<eacute>E<0x263A>E<65>", "<tag> \u263aA"),
        ("L<the manual|perlfunc>, L<perlop/Operators>", "the manual, perlop Operators"),
        ("a S<b  c>", "a b c"),
        ("nothing", "nothing"),
    ],
)
def test_formatting_codes(markup: str, text: str):
    assert strip_formatting(markup) == text
