interface Props {
  body: string;
}

export function Comment({ body }: Props) {
  return (
    <section>
      {/* secplan-expect */}
      <div className="comment" dangerouslySetInnerHTML={{ __html: body }} />
    </section>
  );
}
