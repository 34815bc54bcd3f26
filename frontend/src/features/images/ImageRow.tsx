import { Ellipsis, Play } from "lucide-react";
import { memo } from "react";
import { Link } from "wouter";
import type { Image } from "../../api/types";
import { Ago } from "../../components/Ago";
import { commitAddress, nameOf, spokenAddress } from "../../components/forge";
import { ImageBadges } from "../../components/ImageBadges";
import { NoServerInside } from "../../components/NoServerInside";
import { size } from "../../components/size";
import { spokenOwner } from "../../components/spokenOwner";
import { spokenRef } from "../../components/spokenRef";
import { texts } from "../../texts";

interface Props {
  image: Image;
  index: number;
  measure: ((row: HTMLElement | null) => void) | undefined;
  /** Who looks: of what others have it is said whose it is. */
  owner: string;
  /** Whether servers are started here at all. */
  mayLaunch: boolean;
  /** Whether there is a column for what is selected. */
  hasChoice: boolean;
  maySelect: boolean;
  isSelected: boolean;
  onSelect: (ids: readonly string[], isSelected: boolean) => void;
  onMenu: (image: Image, opener: HTMLElement) => void;
}

/** One environment. How it looks is said once for all rows, in `rowStyles`. */
export const ImageRow = memo(function ImageRow(props: Props) {
  const { image, index, measure, owner, mayLaunch, hasChoice, maySelect, isSelected, onSelect, onMenu } = props;
  const words = texts.images;
  const name = nameOf(image);
  return (
    <tr ref={measure} role="row" data-index={index} aria-rowindex={index + 2} data-selected={isSelected || undefined}>
      {hasChoice && (
        <td role="cell" className="choice">
          {maySelect && (
            <label>
              <input
                type="checkbox"
                aria-label={words.select(name)}
                checked={isSelected}
                onChange={({ currentTarget }) => onSelect([image.id], currentTarget.checked)}
              />
            </label>
          )}
        </td>
      )}
      <td role="cell">
        <div className="name">
          <Link href={`/images/${image.id}`}>{name}</Link>
        </div>
        {image.description && <div className="description">{image.description}</div>}
        <div className="place">
          <Outside href={/^https?:/.test(image.repo) ? image.repo : undefined} text={spokenAddress(image.repo)} />
          {image.subdir && `, ${words.inFolder(image.subdir)}`}
          {image.owner !== owner && `, ${words.of(spokenOwner(image.owner))}`}
        </div>
        <ImageBadges image={image} />
      </td>
      <td role="cell">
        <span className="label">{words.columns.version}: </span>
        {spokenRef(image)}{" "}
        <Outside className="commit" href={commitAddress(image.repo, image.commit)} text={image.commit.slice(0, 7)} />
      </td>
      <td role="cell" className="short">
        <span className="label">{words.columns.size}: </span>
        {image.size === null ? words.unknown : size(image.size)}
      </td>
      <td role="cell" className="short">
        <span className="label">{words.columns.built}: </span>
        <Ago time={image.created_at} />
      </td>
      <td role="cell">
        <div className="actions">
          {mayLaunch && image.launchable === false && <NoServerInside />}
          {mayLaunch && image.launchable !== false && !image.changed_outside && <Launch image={image} name={name} />}
          <button
            type="button"
            className="more"
            aria-haspopup="menu"
            aria-label={words.moreOf(name)}
            onClick={({ currentTarget }) => onMenu(image, currentTarget)}
          >
            <Ellipsis aria-hidden />
          </button>
        </div>
      </td>
    </tr>
  );
});

function Outside({ href, text, className }: { href: string | undefined; text: string; className?: string }) {
  return href ? (
    <a href={href} className={className} rel="noreferrer" target="_blank">
      {text}
    </a>
  ) : (
    <span className={className}>{text}</span>
  );
}

function Launch({ image, name }: { image: Image; name: string }) {
  return (
    <Link href={`/launch?image=${image.id}`} className="launch" aria-label={texts.images.launchOf(name, image.commit.slice(0, 7))}>
      <Play aria-hidden />
      {texts.images.launch}
    </Link>
  );
}
