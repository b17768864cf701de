// The genres of MovieLens 100K in the order of u.item's flags.

export const genreNames: readonly string[] =
  `unknown,Action,Adventure,Animation,Children,Comedy,Crime,Documentary,Drama,Fantasy,Film-Noir,Horror,Musical,
Mystery,Romance,Sci-Fi,Thriller,War,Western`.split(/,\s*/);
